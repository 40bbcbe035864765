#pragma once

#include "core/base/clock.h"
#include "rescue/kit_reader.h"

namespace coffer::rescue {

/// The identity of a repository, vouched for by its recovery kit (docs/formats/repository.md).
struct Config {
    RepositoryId repository;
    Timestamp created;
    BoxPublicKey contentKey;
    BoxPublicKey metadataKey;
    VerifyKey serverVerify;
    Digest digest;  // of the object
};

constexpr std::size_t configLimit = 64 * 1024;

/// Reads a `config` object. Throws Error(wrongKey) when the kit is another repository's, untrusted
/// when the signature does not hold, unsupported, corrupt.
Config readConfig(ByteView object, const Kit& kit);

}  // namespace coffer::rescue
