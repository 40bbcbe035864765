#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "management_server/runs/agent_folder.h"

namespace coffer {

/// What a run needs in order to be at work. Runs of one lane need the same and wait for the same.
struct RunLane {
    std::string agent;       // empty: the server itself
    std::string repository;  // empty: none, of which there is room for as many as the server takes
    std::string window;  // hours of the week in which it may be at work (core/schedule/window.h)
    std::string zone;    // of the window; empty: the server's
    std::vector<FolderUse> folders = {};  // on which it works

    auto operator<=>(const RunLane&) const = default;
};

/// What a run waits for.
enum class RunLack { nothing, window, agent, repository, folder, server };

/// The runs that wait, those that are at work and those that their window has stopped; decides who
/// may begin now. The rule (docs/runs.md): higher priority first, then the older one; who cannot
/// begin holds up nobody, but who waits for folders keeps those behind it from them: they would be
/// taken from it for ever. A value without clock and memory of what it has decided; used by one
/// thread.
///
/// All is kept by lane, so a decision takes as long as there are lanes and runs that begin, however
/// many wait.
class RunQueue {
  public:
    static constexpr int mostPriority = 100;  // and as much below 0

    /// So many runs may be at work. Those of agents and those of the server itself are counted
    /// apart; of the latter one at a time in a repository.
    struct Limits {
        std::size_t atOnce = 100;
        std::size_t ofRepository = 50;
        std::size_t ofAgent = 20;
        std::size_t ofServer = 2;
    };

    enum class Standing {
        waiting,
        atWork,    // has a slot
        stopping,  // likewise, and has been asked to stop
        asleep     // stopped until its window opens
    };

    /// A run stands there from now on.
    void put(std::int64_t run, Standing standing, int priority, const RunLane& lane);
    void remove(std::int64_t run);

    /// Whether the window of a lane is open.
    using IsOpen = std::function<bool(const RunLane&)>;

    struct Plan {
        std::vector<std::int64_t> begin;  // in this order
        std::vector<std::int64_t> stop;   // at work outside of their window
        std::vector<std::int64_t> wake;   // asleep, and their window has opened

        bool isEmpty() const { return begin.empty() && stop.empty() && wake.empty(); }
    };
    Plan plan(const Limits& limits, const IsOpen& isOpen) const;

    /// What runs of a lane lack at present; after what plan() says has been done, none that waits
    /// lacks nothing.
    RunLack lackOf(const RunLane& lane, const Limits& limits, const IsOpen& isOpen) const;

    /// Who keeps a run that waits from a folder.
    struct Holder {
        std::int64_t run = 0;
        AgentFolder folder;    // that the other one has, or waits for
        bool isAtWork = true;  // or it waits as well, and has its turn before
    };
    std::optional<Holder> holderOf(std::int64_t run, const IsOpen& isOpen) const;

    /// Those that wait, in the order in which they would begin if there were room for all.
    std::vector<std::int64_t> inTurn() const;

  private:
    /// The place of a run among those that wait.
    struct Turn {
        int priority = 0;
        std::int64_t run = 0;
        bool operator<(const Turn& other) const {
            return priority != other.priority ? priority > other.priority : run < other.run;
        }
    };
    struct Members {
        std::set<Turn> waiting;
        std::set<std::int64_t> atWork;
        std::set<std::int64_t> stopping;
        std::set<std::int64_t> asleep;
    };
    using Lanes = std::map<RunLane, Members>;
    struct Place {
        Lanes::iterator lane;
        Turn turn;
    };

    /// How many are at work.
    struct Load {
        std::size_t ofAgents = 0;
        std::size_t ofServer = 0;
        std::map<std::string, std::size_t> agents{};
        std::map<std::string, std::size_t> repositories{};
        std::map<std::string, std::size_t> ownRepositories{};      // worked on by the server itself
        std::map<std::int64_t, std::vector<FolderUse>> folders{};  // by run

        void add(std::int64_t run, const RunLane& lane);
        void remove(std::int64_t run, const RunLane& lane);
        RunLack lackOf(const RunLane& lane, const Limits& limits) const;
    };

    Lanes lanes_;
    std::map<std::int64_t, Place> places_;
    Load load_;
};

}  // namespace coffer
