#pragma once

#include <string>

#include "management_server/rehearsals/source_proofs.h"
#include "management_server/runs/server_work.h"

namespace coffer {

/// Carries out runs of kind "rehearsal": restores the run's snapshot, or its paths, into a folder
/// below `scratch` and compares; options "sample" (%) and "workers". What is not as the snapshot
/// says makes the run failed. When all is well, `proofs`, which outlives it, is told.
ServerWork rehearsalWork(const std::string& scratch, SourceProofs& proofs);

}  // namespace coffer
