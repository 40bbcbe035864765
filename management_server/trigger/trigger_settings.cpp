#include "management_server/trigger/trigger_settings.h"

#include "core/base/error.h"
#include "management_server/notify/notify_settings.h"

namespace coffer {

namespace {
constexpr std::uint16_t usualPort = 2425;
}

const std::vector<SettingRule>& TriggerSettings::rules() {
    static const std::vector<SettingRule> all = {
        {"trigger.listen", "",
         "Tasks can be started there over HTTPS with the token of a user, \"0.0.0.0:2425\". "
         "Empty:\n"
         "nowhere. With port 0 a free one is taken; which one stands in the log.",
         SettingForm{SettingType::address}},
        {"trigger.tls", "yes",
         "HTTPS, with the server's own certificate. no: HTTP, on this computer alone.",
         SettingForm{SettingType::truth}},
    };
    return all;
}

std::optional<TriggerSettings> TriggerSettings::read(const SettingsFile& file) {
    if (file.text("trigger.listen").empty()) return {};
    TriggerSettings settings;
    settings.tls = file.truth("trigger.tls");
    file.named("trigger.listen", [&] {
        settings.listen = Endpoint::parse(file.text("trigger.listen"), usualPort);
        if (!settings.tls && !isLoopback(settings.listen.host)) {
            throw Error(ErrorCode::invalidArgument, "beyond this computer trigger.tls is needed");
        }
    });
    return settings;
}

}  // namespace coffer
