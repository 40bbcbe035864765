#pragma once

#include "core/base/error.h"

namespace coffer {

/// Whether an agent did not take what it was told for a reason that is not about that: it may take
/// it later. Pure.
bool mayTakeLater(const Error& error);

}  // namespace coffer
