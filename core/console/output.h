#pragma once

#include <ostream>

#include "core/base/error.h"

namespace coffer {

/// Throws Error(ioError) once writing has failed: on a full disk, into a closed pipe.
inline void checkOutput(const std::ostream& out) {
    if (!out) throw Error(ErrorCode::ioError, "the output could not be written");
}

}  // namespace coffer
