#pragma once

#include <string>
#include <string_view>

namespace coffer {

/// Sends one datagram to a socket of this computer, as /dev/log is one; never waits. Throws Error,
/// as the system says.
void sendLocalDatagram(const std::string& path, std::string_view text);

}  // namespace coffer
