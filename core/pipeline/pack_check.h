#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "core/base/cancel.h"
#include "core/base/error.h"
#include "core/repository/repository.h"

namespace coffer {

struct PackCheck {
    std::uint64_t chunks = 0;
    std::uint64_t rawBytes = 0;
    std::uint64_t storedBytes = 0;  // read
};

/// Is told of every stretch of a pack that has been read; may throw to stop.
using ReadOctets = std::function<void(std::uint64_t octets)>;

/// Which blocks of a pack are read.
using BlockChoice = std::function<bool(const PackId& pack, std::uint32_t block)>;

/// Reads one pack whole and checks hash, seals and ids. Throws Error(corrupt), (untrusted),
/// (notFound), (ioError).
PackCheck checkPack(Repository& repository, const PackInfo& info, const ReadOctets& read);

/// Checks length, directory and the chosen blocks of a pack. Throws the same.
PackCheck checkBlocks(Repository& repository, const PackInfo& info, const BlockChoice& chosen,
                      const ReadOctets& read);

/// The blocks of a damaged pack whose chunks are all what their ids say, in ascending order; none
/// when its directory cannot be read. Throws Error(cancelled) alone.
std::vector<std::uint32_t> soundBlocks(Repository& repository, const PackId& pack,
                                       const CancelToken& cancel);

/// What a verification says of a pack.
struct PackVerdict {
    PackState state = PackState::verified;  // or suspect, with what is wrong
    std::optional<Error> damage;
    std::optional<Error> unread{};  // it needs a newer version: nothing can be said of it
    PackCheck check;
};

/// Checks the agent's signature, then the pack. Only Error(cancelled), from `read`, leaves it: any
/// other makes the pack suspect, so that its chunks are asked for again. A pack that needs a newer
/// version and has the octets that were registered stays what it was.
PackVerdict judgePack(Repository& repository, const PackInfo& info, const ReadOctets& read);

/// The same with checkBlocks in place of checkPack. A pack that is suspect stays so: only who reads
/// all of it can acquit it. Nor does a received one become verified.
PackVerdict judgeBlocks(Repository& repository, const PackInfo& info, const BlockChoice& chosen,
                        const ReadOctets& read);

}  // namespace coffer
