#include "management_server/metrics/metrics_settings.h"

#include "core/base/error.h"
#include "management_server/notify/notify_settings.h"

namespace coffer {

namespace {
constexpr std::uint16_t usualPort = 9424;
}

const std::vector<SettingRule>& MetricsSettings::rules() {
    static const std::vector<SettingRule> all = {
        {"metrics.listen", "",
         "Prometheus may ask there, \"127.0.0.1:9424\". Empty: nobody. With port 0 a free one is\n"
         "taken; which one stands in the log.",
         SettingForm{SettingType::address}},
        {"metrics.token-file", "",
         "Who asks has to know the token that stands alone in this file, mode 0600. Needed\n"
         "beyond this computer.",
         SettingForm{SettingType::path}},
        {"metrics.tls", "no",
         "yes: HTTPS, with the server's own certificate. Needed beyond this computer.",
         SettingForm{SettingType::truth}},
    };
    return all;
}

std::optional<MetricsSettings> MetricsSettings::read(const SettingsFile& file) {
    if (file.text("metrics.listen").empty()) return {};
    MetricsSettings settings;
    settings.tokenFile = file.text("metrics.token-file");
    settings.tls = file.truth("metrics.tls");
    file.named("metrics.listen", [&] {
        settings.listen = Endpoint::parse(file.text("metrics.listen"), usualPort);
        if (!isLoopback(settings.listen.host) && (!settings.tls || settings.tokenFile.empty())) {
            throw Error(ErrorCode::invalidArgument,
                        "beyond this computer metrics.tls and metrics.token-file are needed");
        }
    });
    return settings;
}

}  // namespace coffer
