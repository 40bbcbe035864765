#pragma once

#include <ostream>

#include "core/base/bytes.h"
#include "core/base/error.h"

namespace coffer {

/// Throws Error(ioError) once writing has failed: on a full disk, into a closed pipe.
inline void checkOutput(const std::ostream& out) {
    if (!out) throw Error(ErrorCode::ioError, "the output could not be written");
}

/// Writes octets as they are. Throws as checkOutput.
inline void writeOctets(std::ostream& out, ByteView data) {
    out.write(reinterpret_cast<const char*>(data.data()),
              static_cast<std::streamsize>(data.size()));
    checkOutput(out);
}

}  // namespace coffer
