#pragma once

#include <string>

namespace coffer::solo {

// What is known of the system that the program runs on.

std::string hostName();
bool isRoot();

/// Changes whenever the computer starts. Empty when the system does not tell.
std::string bootId();

}  // namespace coffer::solo
