#pragma once

#include <chrono>
#include <cstdint>

#include "core/base/cancel.h"
#include "core/base/guarded.h"
#include "core/base/threads.h"
#include "management_server/runs/runs.h"
#include "management_server/snapshots/snapshot_manager.h"
#include "management_server/tasks/source_rules.h"
#include "management_server/tasks/tasks.h"

namespace coffer {

/// Forgets what the rules of tasks do not keep (docs/retention.md): after each backup of a task
/// that went well, of that source alone; and once when the server starts, in case it ended between
/// a backup and this. Applying rules again forgets nothing more. Started and stopped by one thread.
class TaskRetention {
  public:
    struct Parts {
        Tasks& tasks;
        Runs& runs;
        EventRecorder& events;
        rpc::RepositoryProvider& repositories;
        const SnapshotRetention& retention;
        std::function<AgentId(const std::string& name)> agentId;  // throws Error(notFound)
    };

    /// All parts outlive it.
    explicit TaskRetention(Parts parts) : parts_(parts), seen_(parts.events.newest()) {}
    ~TaskRetention() { stop(); }
    TaskRetention(const TaskRetention&) = delete;
    TaskRetention& operator=(const TaskRetention&) = delete;

    void start();

    /// Waits for what is under way. The events have been stopped before: they wake it.
    void stop();

    /// Looks at what has ended since the last time, on this thread; for tests, without start().
    void round();

    /// What the rules for the sources of a task would do now. Throws Error(notFound) for an unknown
    /// task, (invalidArgument) for one by which all snapshots stay.
    TaskRetentionPreview preview(const std::string& task) const;

  private:
    struct Stop {
        bool asked = false;
    };

    void keepTime();
    using Rules = std::map<TaskSource, RetentionRules>;
    Rules rules() const;
    void catchUp();
    void applyAfter(const RunRecord& run, const Rules& rules);
    void apply(const RunRecord& run, const RetentionRules& rules);

    const Parts parts_;
    CancelToken cancel_;  // by stop()
    std::uint64_t seen_;  // number of the last event that was looked at
    bool caughtUp_ = false;
    Guarded<Stop> stop_;
    ThreadScope thread_;
};

}  // namespace coffer
