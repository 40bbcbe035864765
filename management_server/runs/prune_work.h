#pragma once

#include "management_server/runs/server_work.h"

namespace coffer {

/// A run of kind "prune": options "preview", "repack-at" and "interrupted". Packs that could not be
/// copied, or for whose copies there was no room, make it end with warnings.
ServerVerdict pruneWork(const ServerTask& task);

}  // namespace coffer
