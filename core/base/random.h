#pragma once

#include <span>

#include "core/base/bytes.h"

namespace coffer {

/// Fills `out` from the operating system's generator; fit for keys. Throws Error(internal).
void fillRandom(std::span<std::uint8_t> out);

template <class IdType>
IdType randomId() {
    IdType id;
    fillRandom(id.bytes);
    return id;
}

}  // namespace coffer
