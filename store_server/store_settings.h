#pragma once

#include <string>
#include <vector>

#include "core/rpc/store/store_servant.h"
#include "core/service/log.h"
#include "core/service/settings_file.h"
#include "core/trust/pinned_authority.h"

namespace coffer {

/// store.ini.
struct StoreSettings {
    Endpoint listen{"0.0.0.0", 2425};
    rpc::StoreLimits limits;
    LogSettings log;

    /// Reads a file, which need not be there. Throws Error(invalidArgument) naming file and
    /// setting.
    static StoreSettings read(const std::string& file);

    /// The table of all settings.
    static const std::vector<SettingRule>& rules();
};

}  // namespace coffer
