#pragma once

#include <optional>
#include <string>

#include "management_server/runs/run_record.h"

namespace coffer {

/// How a step of a run is told, as an event and in its log.
struct RunAnnouncement {
    std::string kind;  // of the event; empty: nothing to tell
    std::string text;
};

/// Of a run that is as `run` now; `before` is how it stood, nothing for one that is new.
RunAnnouncement announcementOf(const std::optional<RunStand>& before, const RunRecord& run);

}  // namespace coffer
