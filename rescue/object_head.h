#pragma once

#include <string_view>

#include "core/base/error.h"
#include "core/base/wire.h"

namespace coffer::rescue {

/// Reads the magic and the version that every object begins with; version 0 is the only one.
inline void readObjectHead(WireReader& in, std::string_view magic) {
    if (textOf(in.raw(magic.size())) != magic) throw Error(ErrorCode::corrupt, "not the magic");
    if (in.u16() != 0) throw Error(ErrorCode::unsupported, "a newer version of the format");
}

/// Reads the version octet of trees, lists and snapshot bodies.
inline void readInnerVersion(WireReader& in) {
    if (in.u8() != 0) throw Error(ErrorCode::unsupported, "a newer version of the format");
}

}  // namespace coffer::rescue
