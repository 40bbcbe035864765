#pragma once

#include "core/service/log.h"
#include "core/service/settings_file.h"

namespace coffer {

/// What a settings file says under "log", of rules with the keys level, file, rotate-mib and keep.
/// Throws Error(invalidArgument) that names the key.
LogSettings readLogSettings(const SettingsFile& file);

}  // namespace coffer
