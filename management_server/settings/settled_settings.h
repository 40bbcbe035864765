#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/service/settings_file.h"

namespace coffer {

/// Where a value comes from that administrators have set, for messages and as origin.
inline constexpr const char* settingsPanel = "panel";

/// Settings of files with those over them that administrators have set.
struct SettledSettings {
    SettingsFile file;
    std::map<std::string, std::string> refused;  // by name: why the value that is set is not used
};

/// Whether all values go together; throws Error(invalidArgument) when not.
using SettingsCheck = std::function<void(const SettingsFile& file)>;

/// Puts values over those of files. What cannot be used is left out, so that it keeps nobody from
/// starting: unknown names, settings that belong to the file alone, values that have not their form
/// or do not go together with the others. The files have passed the check.
SettledSettings settle(const SettingsFile& files, const std::vector<SettingRule>& rules,
                       const std::map<std::string, std::string>& values,
                       const SettingsCheck& check);

/// Throws Error(invalidArgument), (notFound) for what no administrator can set.
const SettingRule& settableRule(const std::vector<SettingRule>& rules, const std::string& name);

}  // namespace coffer
