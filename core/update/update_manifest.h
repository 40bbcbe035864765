#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/clock.h"
#include "core/base/digest.h"
#include "core/update/version.h"

namespace coffer {

/// What a package of an update holds (docs/formats/update-package.md).
struct UpdateManifest {
    static constexpr std::size_t longestName = 64;
    static constexpr std::size_t mostFiles = 16;
    static constexpr std::uint64_t largestFile = std::uint64_t{256} << 20;
    static constexpr std::uint64_t largestContent = std::uint64_t{512} << 20;  // of all files

    /// The programs that every package has.
    static constexpr const char* agentProgram = "coffer-workstation-agent";
    static constexpr const char* workerProgram = "coffer-worker";

    /// Under which an agent keeps the head of a package: no file of one has this name.
    static constexpr const char* headFile = "head";

    struct File {
        std::string name;  // letters, digits, '-', '_', '.'; not the first one '.'; not headFile
        std::uint64_t size = 0;
        Digest digest;  // SHA-256

        bool operator==(const File&) const = default;
    };

    Version version;
    std::string platform;  // "linux-x86_64"
    Timestamp made;
    std::vector<File> files;  // ascending by name

    /// Octets of all files.
    std::uint64_t contentSize() const;

    Bytes encode() const;

    /// Out of octets that nobody vouches for. Throws Error(corrupt), (limitExceeded).
    static UpdateManifest decode(ByteView octets);

    /// Throws Error(corrupt), (limitExceeded) unless it is as decode() would let it through.
    void check() const;

    bool operator==(const UpdateManifest&) const = default;
};

/// The platform that this program was built for.
std::string ownPlatform();

}  // namespace coffer
