#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "management_server/check/finding.h"
#include "management_server/check/space_check.h"
#include "management_server/server/server_folder.h"

namespace coffer {

/// What `coffer-server check` looks at; all references outlive the call.
struct CheckOrder {
    const ServerFolder& folder;
    std::vector<std::string> settingsFiles;
    const Clock& clock;
    std::function<Space(const std::string& folder)> space = spaceOf;
};

/// Looks at everything that a server needs, whether it is running or not, and changes nothing.
/// Never throws.
Findings checkServer(const CheckOrder& order);

}  // namespace coffer
