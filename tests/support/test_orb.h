#pragma once

#include "core/rpc/orb.h"

namespace coffer {

/// The ORB of this test program; nothing leaves it. Made before the first test, ended after the
/// last. Who uses it links coffer_rpc.
rpc::Orb& testOrb();

}  // namespace coffer
