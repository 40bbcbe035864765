#pragma once

#include <string>
#include <string_view>

namespace coffer {

/// How much of a repository a verification reads. A value.
struct VerifyDepth {
    enum class Kind {
        structure,  // manifest, lengths and directories of packs, references, snapshots
        sample,     // and a share of the blocks, another one each time
        full        // every byte
    };
    Kind kind = Kind::full;
    unsigned percent = 100;  // of the blocks, for a sample: 1 to 100

    bool isFull() const { return kind == Kind::full; }

    /// "structure", "full" or "sample=10". Throws Error(invalidArgument).
    static VerifyDepth parse(std::string_view text);

    /// The inverse of parse.
    std::string text() const;
};

}  // namespace coffer
