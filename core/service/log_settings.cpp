#include "core/service/log_settings.h"

namespace coffer {

LogSettings readLogSettings(const SettingsFile& file) {
    LogSettings settings;
    settings.level = file.named("log.level", [&] { return logLevelOf(file.text("log.level")); });
    settings.file = file.text("log.file");
    settings.rotateBytes = file.number("log.rotate-mib") << 20;
    settings.keep = static_cast<unsigned>(file.number("log.keep"));
    return settings;
}

}  // namespace coffer
