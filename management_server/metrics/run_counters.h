#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "management_server/runs/run_record.h"

namespace coffer {

/// What the runs that have ended since the server began come to. A value.
class RunCounters {
  public:
    struct OfKind {
        std::map<std::string, std::uint64_t> ended;  // by state
        std::uint64_t timed = 0;                     // of these it is known how long they took
        double seconds = 0;                          // all of those together
        std::map<std::string, double> octets;        // by name: "bytes", "read-bytes"…
    };

    /// A run that has ended. What an agent counted is believed up to 10^18 octets.
    void add(const RunRecord& run);

    const std::map<std::string, OfKind>& byKind() const { return kinds_; }

  private:
    std::map<std::string, OfKind> kinds_;
};

}  // namespace coffer
