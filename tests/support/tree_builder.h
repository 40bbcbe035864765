#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/unique_fd.h"

namespace coffer {

/// Numbers that are the same everywhere for the same seed (SplitMix64). Used by one thread.
class Dice {
  public:
    explicit Dice(std::uint64_t seed) : state_(seed) {}
    std::uint64_t next();
    std::uint64_t below(std::uint64_t bound) { return next() % bound; }
    bool oneIn(std::uint64_t n) { return below(n) == 0; }

  private:
    std::uint64_t state_;
};

/// Octets without structure, and text-like ones that compress well.
Bytes randomContent(Dice& dice, std::size_t size);
Bytes textContent(Dice& dice, std::size_t size);

/// Puts entries into a folder. Paths are relative to it; their parents exist. What fails is noted
/// in skipped() unless a comment says that it throws Error. Used by one thread.
class TreeBuilder {
  public:
    explicit TreeBuilder(const std::string& folder);

    void folder(const std::string& path);                  // throws
    void file(const std::string& path, ByteView content);  // throws

    struct Stretch {
        std::uint64_t offset;
        Bytes data;
    };
    void sparseFile(const std::string& path, std::uint64_t size,
                    const std::vector<Stretch>& stretches);
    void symlink(const std::string& path, const std::string& target);
    void node(const std::string& path, unsigned typeAndMode, unsigned major = 0,
              unsigned minor = 0);
    void link(const std::string& existing, const std::string& path);

    /// `levels` folders within each other, whose names are `name`, with a few entries at the
    /// bottom.
    void deepFolders(const std::string& path, const std::string& name, unsigned levels);

    void mode(const std::string& path, unsigned mode);
    void owner(const std::string& path, std::uint32_t uid, std::uint32_t gid);
    void time(const std::string& path, std::int64_t seconds, std::uint32_t nanoseconds = 0);
    bool xattr(const std::string& path, const std::string& name, ByteView value);
    void flags(const std::string& path, unsigned flags);

    /// Number of entries, and the paths of those that are not in deep folders.
    unsigned made() const { return made_; }
    const std::vector<std::string>& paths() const { return paths_; }
    const std::vector<std::string>& skipped() const { return skipped_; }

  private:
    void addMade(const std::string& path);
    bool note(bool done, const std::string& path, std::string_view what);
    std::string absolute(const std::string& path) const;

    UniqueFd root_;
    unsigned made_ = 0;
    std::vector<std::string> paths_;
    std::vector<std::string> skipped_;
};

}  // namespace coffer
