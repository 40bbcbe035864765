#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/guarded.h"
#include "management_server/database/server_database.h"
#include "management_server/events/event_recorder.h"
#include "management_server/tasks/task.h"
#include "management_server/tasks/task_difference.h"
#include "management_server/tasks/task_record.h"
#include "management_server/tasks/task_text.h"

namespace coffer {

/// A task with what it means; shared, for nobody changes it.
struct KnownTask {
    TaskRecord record;
    std::shared_ptr<const Task> task;  // nothing when this program refuses its settings
    std::string problem;               // why
};

/// The tasks of a server: looked at, changed, exported and imported. All changes are transactions
/// of server.db; an event tells of each. Safe to share between threads.
class Tasks {
  public:
    static constexpr std::uint64_t mostTasks = 10'000;

    /// Throws Error(notFound) for an agent or a repository that is not there.
    using Check = std::function<void(const std::string& name)>;

    struct Parts {
        ServerDatabase& database;
        EventRecorder& events;
        const Clock& clock;
        Check requireAgent;
        Check requireRepository;
        Task::ZoneOfAgent zoneOfAgent = {};
    };

    /// All parts outlive it.
    explicit Tasks(Parts parts) : parts_(std::move(parts)) {}

    std::vector<KnownTask> list() const;           // by name
    KnownTask get(const std::string& name) const;  // Error(notFound)

    /// Enters a task (`expected` 0) or changes it, if its version is still `expected`. Gives the
    /// new version. Throws Error(conflict) that names who changed it, (invalidArgument),
    /// (unsupported), (notFound), (limitExceeded).
    std::int64_t put(const std::string& user, const std::string& name, TaskSettings settings,
                     std::int64_t expected);

    /// Throws Error(notFound) when its repository or one of its agents is not there.
    void requireOthers(const Task& task) const;

    /// Throws Error(conflict) also when another task starts after it.
    void remove(const std::string& user, const std::string& name, std::int64_t expected);

    /// Whatever its version; gives the new one.
    std::int64_t enable(const std::string& user, const std::string& name, bool enabled);

    /// As Task::mailTo, of a task by its name; nobody when it is not there.
    std::vector<std::string> recipients(const std::string& name, RunState end,
                                        std::string_view message) const;

    /// Tells that a task was changed along with something else, as the name of an agent.
    void tellRewritten(const std::string& user, const TaskRecord& task) {
        announce(user, task, {task.name});
    }

    std::string exported(const std::string& name) const;  // of an empty name: all

    /// Enters or changes all tasks of the text, or none when one of them cannot be; with `dryRun`
    /// none in any case. Tells what is different. Tasks that are not in the text stay. `check` sees
    /// each before anything is done, and throws where one must not be entered.
    std::vector<TaskDifference> importText(
        const std::string& user, const std::string& text, bool dryRun,
        const std::function<void(const Task&)>& check = [](const Task&) {});

    /// Due times up to there have been dealt with.
    void noteDone(const std::string& name, Timestamp done);

    /// What follows the work of these runs of its last start has been started.
    void noteFollowed(const std::string& name, const std::vector<std::int64_t>& runs);

    /// Since when it is to follow another task, without room for its runs; nothing: it is not.
    void noteOwed(const std::string& name, std::optional<Timestamp> since);

    /// The end of these runs of its last start has been looked at.
    void noteSettled(const std::string& name, const std::vector<std::int64_t>& runs);

  private:
    /// Made from a record before; anew after an hour, since time zones may have changed.
    struct Made {
        std::int64_t version = 0;
        Timestamp changed;
        Timestamp made;
        std::shared_ptr<const Task> task;
        std::string problem;
    };
    using Cache = std::map<std::string, Made>;

    std::int64_t keep(const std::string& user, const std::string& name,
                      const TaskSettings& settings, std::int64_t expected);
    void noteStand(const std::string& name, const std::vector<std::int64_t>& runs,
                   bool TaskStand::*mark);
    KnownTask known(TaskRecord record) const;
    Made made(const TaskRecord& record) const;
    void announce(const std::string& user, const TaskRecord& task, const TaskDifference& change);

    Parts parts_;
    mutable Guarded<Cache> cache_;
};

}  // namespace coffer
