#pragma once

#include <cstddef>

namespace coffer {

/// The largest piece of memory that was asked of operator new since this was set to 0. For tests
/// that run on one thread.
extern std::size_t largestAllocation;

}  // namespace coffer
