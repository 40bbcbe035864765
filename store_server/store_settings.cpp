#include "store_server/store_settings.h"

#include "core/service/log_settings.h"

namespace coffer {

const std::vector<SettingRule>& StoreSettings::rules() {
    static const std::vector<SettingRule> all = {
        {"store.listen", "0.0.0.0:2425",
         "Where agents connect to, \"host:port\". 0.0.0.0 stands for all addresses of this\n"
         "computer, of IPv6 too. store.address of server.ini says where they find it.",
         SettingForm{SettingType::address}},
        {"store.unverified-gib", "4",
         "What has been received is verified behind the backup, by coffer-server. With more than\n"
         "so much unverified, agents have to wait.",
         numberForm(1, 100'000, "GiB")},

        {"log.level", "info", "The least that is logged.",
         choiceForm({"debug", "info", "warning", "error"})},
        {"log.file", "", "Absolute path of the log file. Empty: standard error, for the journal.",
         SettingForm{SettingType::path}},
        {"log.rotate-mib", "16", "A log file of this size is set aside.",
         numberForm(1, 10'000, "MiB")},
        {"log.keep", "5", "So many log files that were set aside are kept.", numberForm(1, 1'000)},
    };
    return all;
}

StoreSettings StoreSettings::read(const std::string& path) {
    const SettingsFile file(path, rules());
    file.checkForms();
    StoreSettings settings;
    settings.listen =
        file.named("store.listen", [&] { return Endpoint::parse(file.text("store.listen")); });
    settings.limits.unverified = file.number("store.unverified-gib") << 30;
    settings.log = readLogSettings(file);
    return settings;
}

}  // namespace coffer
