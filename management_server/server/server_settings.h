#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/rpc/store/store_servant.h"
#include "core/service/log.h"
#include "core/service/settings_file.h"
#include "core/trust/pinned_authority.h"
#include "management_server/access/authentication.h"
#include "management_server/access/confirmations.h"
#include "management_server/access/session_table.h"
#include "management_server/directory/ldap_settings.h"
#include "management_server/metrics/metrics_settings.h"
#include "management_server/notify/notify_settings.h"
#include "management_server/runs/runs.h"
#include "management_server/self_backup/self_backup.h"
#include "management_server/settings/settled_settings.h"
#include "management_server/status/source_state.h"
#include "management_server/trigger/trigger_settings.h"

namespace coffer {

/// server.ini.
struct ServerSettings {
    Endpoint listen{"0.0.0.0", 2424};
    std::vector<std::string> hosts;  // for the certificate
    SessionLimits sessions;
    LoginLimits logins;
    std::optional<LdapSettings> directory;  // of further users
    PasswordPolicy passwords;
    Confirmations::Settings confirmations;
    rpc::StoreLimits store;
    std::optional<Endpoint> storeAddress;  // of a store that runs beside the server
    unsigned readDays = 30;                // within which all that is stored is read once; 0: never
    Runs::Settings runs;
    SelfBackup::Settings selfBackup;
    std::int64_t graceSeconds = 0;            // how long forgetting can be taken back
    std::int64_t repositoryGraceSeconds = 0;  // likewise, removing a repository
    std::string scratch;                      // folder for rehearsals; empty: in the state folder
    StatusRules status;
    NotifySettings notify;
    std::optional<MetricsSettings> metrics;
    std::optional<TriggerSettings> trigger;
    LogSettings log;

    /// Reads one file after the other, each of which need not be there; what a later one sets
    /// counts. Throws Error(invalidArgument) naming file and setting.
    static ServerSettings read(const std::vector<std::string>& files);

    /// The same from files that have been read, with what is set over them.
    static ServerSettings from(const SettingsFile& file);

    /// The table of all settings: what each means, takes and is when nobody sets it.
    static const std::vector<SettingRule>& rules();
};

/// Files, with what administrators have set over them, as far as it makes sense.
SettledSettings settleServerSettings(const SettingsFile& files, const SettingsFile::Values& values);

}  // namespace coffer
