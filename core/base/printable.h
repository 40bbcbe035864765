#pragma once

#include <string>
#include <string_view>

namespace coffer {

/// `text` made safe for terminals, logs and error trails: control characters (C0, DEL, C1), line
/// and direction marks of Unicode and octets that are not valid UTF-8 become \xHH, a backslash
/// becomes two. Different texts stay different. Safe to call from any thread.
std::string printable(std::string_view text);

}  // namespace coffer
