#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/guarded.h"
#include "management_server/runs/run_record.h"

namespace coffer {

/// What is known of a run that is being worked on, and need not be kept for good.
struct LiveRun {
    std::string agent;  // empty: a verification
    std::uint32_t attempt = 0;
    std::string phase;
    RunTexts counts;
    bool announced = false;                 // only a result of it was announced, no worker
    std::optional<Timestamp> began{};       // when its work began, after it had waited at the agent
    std::optional<Timestamp> cancelTold{};  // when its agent was asked to stop it
};

/// How far the runs are that are being worked on: in memory, since it changes twice a second.
/// Safe to share between threads.
class LiveRuns {
  public:
    void begin(std::int64_t run, LiveRun live);
    void end(std::int64_t run);

    /// News of an agent. False when it is not working on that attempt: nothing is changed.
    bool take(const std::string& agent, std::int64_t run, std::uint32_t attempt, std::string phase,
              RunTexts counts, Timestamp now);

    void cancelTold(std::int64_t run, Timestamp now);

    std::optional<LiveRun> of(std::int64_t run) const;

    /// Those that have changed since the last call.
    std::map<std::int64_t, LiveRun> takeChanged();

    /// Runs whose agents were asked before `time` to stop them.
    std::vector<std::int64_t> cancelledBefore(Timestamp time) const;

  private:
    struct Entry {
        LiveRun live;
        bool changed = false;
    };
    Guarded<std::map<std::int64_t, Entry>> runs_;
};

/// What is taken of counts that come from outside: 64 of them, names of lower-case letters, digits
/// and '-' up to 40 octets, numbers.
RunTexts boundedCounts(const RunTexts& counts);

/// At most `longest` octets of a text, cut between characters of UTF-8.
std::string boundedText(const std::string& text, std::size_t longest);

}  // namespace coffer
