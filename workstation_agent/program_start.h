#pragma once

#include <string>
#include <vector>

namespace coffer {

/// Path of the program that runs.
std::string ownProgram();

/// Lets its owner start a program, and nobody else.
void makeExecutable(const std::string& program);

/// This process becomes another program with these arguments, in the same process and with no
/// signal blocked but SIGHUP: one that is pending would end it. Only its standard files stay open.
/// Throws Error when it cannot; it never returns otherwise.
[[noreturn]] void becomeProgram(const std::string& program, const std::vector<std::string>& words);

}  // namespace coffer
