#pragma once

#include <functional>

#include "core/repository/repository.h"

namespace coffer {

struct PackCheck {
    std::uint64_t chunks = 0;
    std::uint64_t rawBytes = 0;
};

/// Reads one pack whole and checks hash, seals and ids. `read` is told of every stretch that has
/// been read and may throw to stop. Throws Error(corrupt), (untrusted), (notFound), (ioError).
PackCheck checkPack(Repository& repository, const PackInfo& info,
                    const std::function<void(std::uint64_t octets)>& read);

}  // namespace coffer
