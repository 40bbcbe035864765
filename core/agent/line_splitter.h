#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "core/base/bytes.h"

namespace coffer {

/// Cuts a stream of octets from somebody who is not trusted into lines, in bounded memory. Used by
/// one thread.
class LineSplitter {
  public:
    struct Line {
        std::string text;  // without its end
        bool cut = false;  // it was longer; what came after the limit is lost
    };

    /// Lines have at most `longest` octets.
    explicit LineSplitter(std::size_t longest) : longest_(longest) {}

    /// Calls `each` for every line that `data` ends. Empty lines are passed over. A line that is
    /// too long is given out as soon as that is known.
    void feed(ByteView data, const std::function<void(Line)>& each);

    /// The same for what is left at the end of the stream.
    void finish(const std::function<void(Line)>& each);

  private:
    const std::size_t longest_;
    std::string begun_;
    bool skipping_ = false;  // the rest of a line that was cut
};

}  // namespace coffer
