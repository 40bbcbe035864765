#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/base/guarded.h"
#include "management_server/access/confirmations.h"
#include "management_server/tasks/source_rules.h"
#include "management_server/tasks/tasks.h"

namespace coffer {

/// Changes tasks for a user. What lets snapshots be forgotten that would have stayed needs whom
/// that needs by hand: who may forget them, and a second person where one is asked for. Safe to
/// share between threads.
class TaskEditing {
  public:
    /// Throws unless the user may forget snapshots of that source.
    using Check = std::function<void(const TaskSource& source)>;

    /// All outlive it. Tells the confirmations how to carry out what it asks for; without any
    /// nobody is asked.
    TaskEditing(Tasks& tasks, Confirmations* confirmations);

    // As in Tasks. Each throws what `mayForget` throws, and Error(conflict) when a second person
    // has to confirm it first; nothing has happened then.

    std::int64_t put(const std::string& user, const Task& wanted, std::int64_t expected,
                     const Check& mayForget);
    void remove(const std::string& user, const std::string& name, std::int64_t expected,
                const Check& mayForget);

    /// One that needs a second person is refused: each such task is to be changed by itself.
    std::vector<TaskDifference> importText(const std::string& user, const std::string& text,
                                           bool dryRun,
                                           const std::function<void(const Task&)>& check,
                                           const Check& mayForget);

  private:
    // One change after the other: of two that lower something together, the second does.
    struct Turn {};

    std::vector<TaskSource> lowered(const std::function<void(TasksByName&)>& change,
                                    const Check& mayForget) const;
    bool needsSecond(const std::vector<TaskSource>& sources, const std::string& name,
                     std::int64_t version) const;
    void requireSecond(const std::string& user, const std::string& what,
                       const std::vector<TaskSource>& sources,
                       const std::map<std::string, std::string>& parameters);
    void confirmed(const Request& request);

    Tasks& tasks_;
    Confirmations* confirmations_;
    Guarded<Turn> turn_;
};

}  // namespace coffer
