#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/service/settings_file.h"
#include "core/trust/pinned_authority.h"

namespace coffer {

/// Where monitors may ask.
struct MetricsSettings {
    Endpoint listen;
    std::string tokenFile;  // empty: whoever reaches it may ask
    bool tls = false;

    /// Nothing when it is off. Throws Error(invalidArgument) that names the setting: beyond this
    /// computer it needs TLS and a token.
    static std::optional<MetricsSettings> read(const SettingsFile& file);

    static const std::vector<SettingRule>& rules();
};

}  // namespace coffer
