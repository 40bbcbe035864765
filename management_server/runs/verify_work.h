#pragma once

#include "management_server/runs/server_work.h"

namespace coffer {

/// A run of kind "verify": options "depth" and "workers". Damage makes it failed.
ServerVerdict verifyWork(const ServerTask& task);

}  // namespace coffer
