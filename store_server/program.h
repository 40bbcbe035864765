#pragma once

#include <string>
#include <vector>

namespace coffer::store {

/// Does what the words behind the program's name say, and gives the exit code.
int runProgram(std::vector<std::string> words);

}  // namespace coffer::store
