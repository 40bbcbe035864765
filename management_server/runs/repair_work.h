#pragma once

#include "management_server/runs/server_work.h"

namespace coffer {

/// A run of kind "repair": option "preview". Entries that stay lost are problems of it and make it
/// end with warnings; of packs the counts tell.
ServerVerdict repairWork(const ServerTask& task);

}  // namespace coffer
