#pragma once

#include <functional>
#include <optional>

#include "core/base/error.h"
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

/// What a verification says of a pack.
struct PackVerdict {
    PackState state = PackState::verified;  // or suspect, with what is wrong
    std::optional<Error> damage;
    PackCheck check;
};

/// Checks the agent's signature, then the pack. Only Error(cancelled), from `read`, leaves it: any
/// other makes the pack suspect, so that its chunks are asked for again.
PackVerdict judgePack(Repository& repository, const PackInfo& info,
                      const std::function<void(std::uint64_t octets)>& read);

}  // namespace coffer
