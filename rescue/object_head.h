#pragma once

#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/base/wire.h"

namespace coffer::rescue {

/// Format 1 is the only one.
inline void requireVersion(unsigned version) {
    if (version == 1) return;
    throw Error(ErrorCode::unsupported,
                version == 0 ? "format 0, which was never released"
                             : "format " + std::to_string(version) + ": a newer version is needed");
}

/// Reads the magic and the version that every object begins with.
inline void readObjectHead(WireReader& in, std::string_view magic) {
    if (textOf(in.raw(magic.size())) != magic) throw Error(ErrorCode::corrupt, "not the magic");
    requireVersion(in.u16());
}

/// Reads the version octet of trees, lists and snapshot bodies.
inline void readInnerVersion(WireReader& in) {
    requireVersion(in.u8());
}

}  // namespace coffer::rescue
