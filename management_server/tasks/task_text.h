#pragma once

#include <map>
#include <string>
#include <string_view>

#include "management_server/tasks/task_rules.h"

namespace coffer {

/// Tasks by name.
using TaskTexts = std::map<std::string, TaskSettings>;

/// One task as text: "[task NAME]", then each setting with what it means, those that have their
/// defaults commented out; comments begin with ';'. Texts of several tasks are put one behind the
/// other. Without explanations: what is set alone.
std::string taskText(const std::string& name, const TaskSettings& settings,
                     bool isExplained = true);

/// The settings alone, a line "key = value" for each, without any comment.
std::string plainTaskText(const TaskSettings& settings);

/// What the two make, read again. Throws Error(invalidArgument) naming the line; values are not
/// looked at. Keys of the plain text need not be known: another program may have written it.
TaskTexts readTaskTexts(std::string_view text);
TaskSettings readPlainTaskText(std::string_view text);

}  // namespace coffer
