#pragma once

#include <omniORB4/CORBA.h>

#include <string>
#include <utility>
#include <vector>

#include "core/rpc/orb.h"

namespace coffer::rpc {

/// Options of omniORB by role; its manual explains each. Used when an Orb is made.
using OrbOptions = std::vector<std::pair<std::string, std::string>>;
OrbOptions optionsOf(const OrbSettings& settings);

/// Starts omniORB with these options and nothing from the command line.
CORBA::ORB_ptr startOmniOrb(const OrbOptions& options);

}  // namespace coffer::rpc
