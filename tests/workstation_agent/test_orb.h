#pragma once

#include "core/rpc/orb.h"

namespace coffer {

/// The ORB of this test program; no call leaves the process.
rpc::Orb& testOrb();

}  // namespace coffer
