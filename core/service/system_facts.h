#pragma once

#include <string>

namespace coffer {

// What is known of the computer that the program runs on.

std::string hostName();

/// "Debian GNU/Linux 12 (bookworm), Linux 6.1.0 x86_64"
std::string systemName();

/// The folder of the program that runs.
std::string ownFolder();

/// Changes whenever the computer starts. Empty when the system does not tell.
std::string bootId();

}  // namespace coffer
