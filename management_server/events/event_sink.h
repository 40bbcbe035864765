#pragma once

#include <map>
#include <string>
#include <string_view>

namespace coffer {

/// Whoever wants to know what happens. Safe to share between threads.
class EventSink {
  public:
    virtual ~EventSink() = default;

    /// Something has happened: kind and subject as docs/protocol.md lists them, one line for
    /// people, and names with values. Never throws, so that no work fails for its record.
    virtual void add(std::string_view kind, std::string_view subject, std::string_view text,
                     const std::map<std::string, std::string>& more = {}) noexcept = 0;
};

}  // namespace coffer
