#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "management_server/events/event_recorder.h"

namespace coffer {

/// Which events somebody wants; an empty list stands for all.
struct EventFilter {
    std::vector<std::string> kinds = {};       // whole, or a beginning and '*'
    std::vector<std::string> subjects = {};    // whole
    std::vector<std::string> components = {};  // and what lies below

    /// Throws Error(limitExceeded) over 100 words in a list, (invalidArgument) for one of more than
    /// 1,000 octets.
    void check() const;

    bool matches(const RecordedEvent& event) const;
};

/// Where an event belongs: what it says itself, else the agent that it is about.
std::string componentOf(const RecordedEvent& event);

}  // namespace coffer
