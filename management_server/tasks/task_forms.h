#pragma once

#include "idl/management.hh"
#include "management_server/tasks/tasks.h"

namespace coffer {

// Tasks in the forms of tasks.idl.

// `sendsMail`: whether the server has a mail server, without which a task is warned of that counts
// on it.
Coffer::TaskInfo toTaskInfo(const KnownTask& task, Timestamp now, bool sendsMail);
Coffer::TaskInfos toTaskInfos(const std::vector<KnownTask>& tasks, Timestamp now, bool sendsMail);
Coffer::TaskChanges toTaskChanges(const std::vector<TaskDifference>& differences);
Coffer::RunNumbers toRunNumbers(const std::vector<std::int64_t>& numbers);
Coffer::Moments toMoments(const std::vector<Timestamp>& times);

/// A key that comes several times has several values. Throws Error(limitExceeded) for too many.
TaskSettings toTaskSettings(const Coffer::Settings& definition);

}  // namespace coffer
