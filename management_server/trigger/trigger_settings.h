#pragma once

#include <optional>
#include <vector>

#include "core/service/settings_file.h"
#include "core/trust/pinned_authority.h"

namespace coffer {

/// Where tasks can be started over HTTP.
struct TriggerSettings {
    Endpoint listen;
    bool tls = true;

    /// Nothing when it is off. Throws Error(invalidArgument) that names the setting: beyond this
    /// computer it needs TLS.
    static std::optional<TriggerSettings> read(const SettingsFile& file);

    static const std::vector<SettingRule>& rules();
};

}  // namespace coffer
