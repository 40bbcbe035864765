#pragma once

#include <map>
#include <optional>
#include <string>

#include "core/service/log.h"

namespace coffer {

/// Settings that a server may give its agents: how they work, never what they let it do. Their
/// names are those of agent.ini, and what agent.ini itself sets counts instead.
struct GivenSettings {
    std::optional<unsigned> atOnce;    // "runs.at-once", 1 to 64
    std::optional<LogLevel> logLevel;  // "log.level"

    static bool isOne(const std::string& name);

    /// Out of values by name; other names are passed over. Throws Error(invalidArgument) naming the
    /// setting.
    static GivenSettings of(const std::map<std::string, std::string>& values);

    /// Takes one more, as of() does.
    void take(const std::string& name, const std::string& value);

    /// "runs.at-once=4 log.level=debug"
    std::string text() const;
};

}  // namespace coffer
