#pragma once

#include <optional>

#include "rescue/key_reader.h"
#include "rescue/manifest_reader.h"
#include "rescue/pack_directory.h"
#include "rescue/repository_folder.h"

namespace coffer::rescue {

/// An open pack (docs/formats/pack.md). Used by one thread.
class PackFile {
  public:
    /// Opens the directory. Throws Error when it or anything before it is not in order; damage in
    /// the blocks shows when they are read. Keeps a reference to `keys`.
    PackFile(const RepositoryFolder& folder, const RepositoryId& repository, const Keys& keys,
             const RegisteredPack& pack);

    const PackDirectory& directory() const { return directory_; }

    /// The raw octets of a block, at most 16 MiB. Throws Error.
    Bytes readBlock(std::uint32_t number);

    /// SHA-256 of the whole pack.
    Digest digest() const;

  private:
    SecretKey openKey(ByteView box, const BoxKeyPair& recipient) const;
    const SecretKey& contentKey();
    void readHeader(ByteView header) const;
    void readTrailer();

    const RepositoryId repository_;
    const Keys& keys_;
    const PackId id_;
    RepositoryObject file_;
    Bytes header_;
    std::optional<SecretKey> contentKey_;
    PackDirectory directory_;
    Decompressor decompressor_;
};

/// The name of a pack's object.
std::string packName(const PackId& pack);

}  // namespace coffer::rescue
