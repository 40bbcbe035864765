#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace coffer {

/// The settings of a task by key, each with its values in order: one, or several where the rule
/// says so. What has its default is not in it.
using TaskSettings = std::map<std::string, std::vector<std::string>>;

/// As a zone: that of each agent.
inline constexpr const char* zoneOfAgents = "agent";

/// A setting of tasks: everything that is known of it stands here, and nowhere else.
struct TaskRule {
    const char* key;
    const char* kinds;                        // the kinds of task that know it
    const char* fallback;                     // default; empty: nothing
    const char* doc;                          // for people, may have several lines
    void (*check)(const std::string& value);  // throws Error(invalidArgument)
    bool many = false;                        // may be set several times
    bool isOption = false;  // goes to the run as it is (docs/protocol.md, "Orders")

    bool isOf(std::string_view kind) const;
};

/// All of them, in the order in which they are shown.
const std::vector<TaskRule>& taskRules();

/// Throws Error(invalidArgument) for an unknown key, naming the nearest known one.
const TaskRule& taskRule(std::string_view key);

/// What a task has, or else its default; of a setting with several values the first.
std::string settingOf(const TaskSettings& settings, const std::string& key);

/// All values of a setting.
std::vector<std::string> settingsOf(const TaskSettings& settings, const std::string& key);

/// Whether each key is known, belongs to the kind, and has as many values as it may and good ones.
/// Throws Error(invalidArgument), (limitExceeded) that names it.
void checkTaskSettings(const TaskSettings& settings);

}  // namespace coffer
