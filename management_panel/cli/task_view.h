#pragma once

#include <ostream>

#include "core/console/json.h"
#include "core/console/reporter.h"
#include "idl/management.hh"

namespace coffer::cli {

// Tasks as the verbs of `coffer task` show them (docs/coffer.md).

Json jsonOf(const Coffer::TaskInfo& task);
Json jsonOf(const Coffer::TaskChange& change);
Json jsonOf(const Coffer::SettingChange& change);

void printTasks(std::ostream& out, const Coffer::TaskInfos& tasks);
void printTask(std::ostream& out, const Coffer::TaskInfo& task);

/// Warns of what the server does not do of a task.
void warnOf(Reporter& reporter, const Coffer::TaskInfo& task);

/// What an import changes: a line for each value that goes or comes.
void printChange(std::ostream& out, const Coffer::TaskChange& change);
void printChange(std::ostream& out, const Coffer::SettingChange& change, const char* indent = "");

}  // namespace coffer::cli
