#pragma once

#include "core/base/bytes.h"
#include "core/codec/sealed_box.h"
#include "core/codec/secret.h"
#include "core/repository/ids.h"

namespace coffer {

/// What the sealed pack keys are bound to; stands in the header and inside each key box.
struct PackIdentity {
    RepositoryId repository;
    PackId pack;
    std::uint32_t epoch = 0;

    bool operator==(const PackIdentity&) const = default;
};

Bytes sealPackKey(const BoxPublicKey& recipient, const SecretKey& key,
                  const PackIdentity& identity);

/// Throws Error(wrongKey), or (untrusted) when the box was made for another pack or repository.
SecretKey openPackKey(const BoxKeyPair& recipient, ByteView box, const PackIdentity& identity);

/// Key of one block; gives nothing away about its siblings.
SecretKey blockKey(const SecretKey& packKey, const PackId& pack, std::uint32_t number);

SecretKey directoryKey(const SecretKey& packKey, const PackId& pack);

/// Associated data of the directory: binds it to the whole header.
Bytes directoryAssociatedData(ByteView header, std::uint32_t rawLength, std::uint8_t codec);

}  // namespace coffer
