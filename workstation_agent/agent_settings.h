#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/agent/allow_list.h"
#include "core/base/error.h"
#include "core/codec/signature.h"
#include "core/service/given_settings.h"
#include "core/service/log.h"
#include "core/service/settings_file.h"

namespace coffer {

/// agent.ini.
struct AgentSettings {
    std::string server;  // "host:port"; empty before the enrolment
    AllowList::Settings allow;
    unsigned atOnce = 0;
    std::string worker;  // program; empty: beside the agent's own
    bool updatesAllowed = false;
    std::vector<VerifyKey> releaseKeys;
    std::chrono::seconds trial{};     // how long a new version may take to attach
    std::chrono::minutes patience{};  // how long it waits for the runs that are at work
    LogSettings log;
    std::set<std::string> chosen;  // names of those that the file sets

    /// Throws Error(invalidArgument) naming the setting.
    static AgentSettings read(const std::string& file);

    /// What counts of the settings that a server gives: not what the file sets, and no log that
    /// says less than it does without. Values that make no sense go to `refused`, each by itself.
    GivenSettings taken(const std::map<std::string, std::string>& given,
                        const std::function<void(const Error&)>& refused) const;

    /// What can be set, with defaults and comments.
    static const std::vector<SettingRule>& rules();
};

}  // namespace coffer
