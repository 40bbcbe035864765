#pragma once

#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "core/codec/secret.h"
#include "core/repository/ids.h"

namespace coffer {

/// The recovery kit: the root seed and the repository it belongs to, as a text that survives
/// printing, typing and e-mail (docs/formats/recovery-kit.md). Whoever has it and the repository
/// folder has all the data.
struct RecoveryKit {
    RepositoryId repositoryId;
    SecretKey rootSeed;

    bool operator==(const RecoveryKit&) const = default;

    /// The whole text, with instructions; `created` and `place` are for people only.
    std::string toText(Timestamp created, std::string_view place) const;

    /// Reads a kit's text, whatever stands around the key lines; forgives case, spaces and the
    /// look- alikes O/0, I/L/1. Throws Error(invalidArgument) naming the line with a typing error.
    static RecoveryKit fromText(std::string_view text);

    /// The group of key characters numbered 1..groupCount(), for the proof that the kit was kept.
    std::string group(unsigned number) const;
    static unsigned groupCount();
};

}  // namespace coffer
