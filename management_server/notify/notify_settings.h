#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/service/settings_file.h"
#include "core/trust/pinned_authority.h"
#include "management_server/notify/notify_rules.h"

namespace coffer {

enum class MailSecurity { none, startTls, tls };

struct MailSettings {
    Endpoint server;
    MailSecurity security = MailSecurity::startTls;
    std::string user;  // empty: nobody logs in
    std::string passwordFile;
    std::string from;
    std::vector<std::string> to;
    std::string authorityFile;        // empty: those of the system
    std::optional<int> digestMinute;  // of the local day
};

struct WebhookSettings {
    std::vector<std::string> urls;
    std::string secretFile;
    std::string authorityFile;  // empty: those of the system
    Severity least = Severity::notice;
};

struct SyslogSettings {
    std::string to;  // "/dev/log", "udp:host:port", "tcp:host:port"
    Severity least = Severity::info;
};

/// Where the server tells what happens.
struct NotifySettings {
    std::string panelUrl;  // without a slash at its end; may be empty
    std::int64_t giveUpSeconds = 24 * 3'600;
    std::optional<MailSettings> mail;
    std::optional<WebhookSettings> webhook;
    std::optional<SyslogSettings> syslog;

    /// From the settings that rules() describes. Throws Error(invalidArgument) that names the
    /// setting, also for what would send secrets in the clear.
    static NotifySettings read(const SettingsFile& file);

    static const std::vector<SettingRule>& rules();
};

/// A host name or address that means this computer itself.
bool isLoopback(const std::string& host);

/// "07:30" as minutes after midnight. Throws Error(invalidArgument).
int minuteOfDay(const std::string& text);

}  // namespace coffer
