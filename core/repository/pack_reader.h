#pragma once

#include <cstdint>
#include <functional>

#include "core/base/error.h"
#include "core/repository/pack_directory.h"
#include "core/repository/pack_keys.h"
#include "core/repository/server_keys.h"
#include "core/storage/object_store.h"

namespace coffer {

/// All that it takes to open one block, and nothing that opens another.
struct BlockAccess {
    RepositoryId repository;
    PackId pack;
    std::uint32_t number = 0;
    SecretKey key;
};

/// Whether an error tells that a pack is at fault, not the way to it, nor the program, which may
/// be too old for it.
bool isPackDamage(ErrorCode code);

/// Opens one sealed block and gives what is in it, still compressed. Throws Error(corrupt).
Bytes openPacked(const BlockAccess& access, const BlockPlace& place, ByteView sealed);

/// Opens one sealed block and gives its raw octets. Throws Error(corrupt).
Bytes openBlock(const BlockAccess& access, const BlockPlace& place, ByteView sealed,
                Decompressor& decompressor);

/// The same again and again, in room that is kept. Used by one thread.
class BlockOpener {
  public:
    /// The raw octets, valid until the next call.
    ByteView open(const BlockAccess& access, const BlockPlace& place, ByteView sealed);

  private:
    Bytes packed_;
    Decompressor decompressor_;
};

/// A pack opened with the metadata key; with the content key blocks can be opened too.
/// Immutable after opening, safe to share.
class OpenPack {
  public:
    /// Reads header, trailer and directory. Throws Error(notFound), (corrupt), (untrusted),
    /// (unsupported), (wrongKey); the trail names the pack.
    static OpenPack open(ObjectStore& store, const RepositoryId& repository, const PackId& pack,
                         const ServerKeys& keys);

    /// The same from octets in memory.
    static OpenPack parse(ByteView pack, const RepositoryId& repository, const PackId& id,
                          const ServerKeys& keys);

    const PackDirectory& directory() const { return directory_; }
    BlockAccess access(std::uint32_t block) const;

  private:
    using ReadRange = std::function<Bytes(std::uint64_t offset, std::size_t length)>;
    static OpenPack readWith(const ReadRange& read, std::uint64_t size, const PackIdentity& wanted,
                             const ServerKeys& keys);

    PackIdentity identity_;
    SecretKey contentKey_;
    PackDirectory directory_;
};

}  // namespace coffer
