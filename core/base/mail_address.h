#pragma once

#include <string_view>

namespace coffer {

/// Whether a text is an address that a mail may be sent to, "ann@example.org": nothing in it that
/// a header or an SMTP command (RFC 5321) would take for something else.
bool isMailAddress(std::string_view text);

}  // namespace coffer
