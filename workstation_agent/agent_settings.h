#pragma once

#include <string>
#include <vector>

#include "core/agent/allow_list.h"
#include "core/service/log.h"
#include "core/service/settings_file.h"

namespace coffer {

/// agent.ini.
struct AgentSettings {
    std::string server;  // "host:port"; empty before the enrolment
    AllowList::Settings allow;
    unsigned atOnce = 0;
    std::string worker;  // program; empty: beside the agent's own
    LogSettings log;

    /// Throws Error(invalidArgument) naming the setting.
    static AgentSettings read(const std::string& file);

    /// What can be set, with defaults and comments.
    static const std::vector<SettingRule>& rules();
};

}  // namespace coffer
