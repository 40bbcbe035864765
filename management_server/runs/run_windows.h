#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "core/base/clock.h"
#include "core/schedule/time_zone.h"
#include "core/schedule/window.h"

namespace coffer {

/// Tells of the windows of runs whether they are open, by the texts that runs have. Each is read
/// once, and again after an hour: time zones may have changed. One that cannot be read (its zone
/// has gone) counts as open: a backup at a bad hour is better than none. Used by one thread.
class RunWindows {
  public:
    bool isOpen(const std::string& window, const std::string& zone, Timestamp now);

    /// When a window that is not open opens; nothing when that is too far ahead to be told.
    std::optional<Timestamp> opensAt(const std::string& window, const std::string& zone,
                                     Timestamp now);

  private:
    struct Hours {
        Window window;
        TimeZone zone;
    };
    struct Known {
        std::optional<Hours> hours;
        Timestamp read;
        Timestamp asked;  // what opens is right from here until it opens
        std::optional<Timestamp> opens;
    };

    Known& known(const std::string& window, const std::string& zone, Timestamp now);

    std::map<std::pair<std::string, std::string>, Known> known_;
};

}  // namespace coffer
