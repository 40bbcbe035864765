#pragma once

#include <string>

namespace coffer::rpc {

/// omniORB wants an endpoint as soon as there is an object, and opens a port on all interfaces if
/// it is given none. This is one where nobody can arrive: no socket, no port. `address`
/// ("giop:ssl:…", "giop:tcp:…") merely stands in references to objects; over a bidirectional
/// connection they work all the same. Gives the value of the option "endPoint". Registers it with
/// omniORB on the first call.
std::string noEndpoint(const std::string& address);

}  // namespace coffer::rpc
