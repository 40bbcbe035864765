#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/repository/server_keys.h"
#include "core/storage/object_store.h"

namespace coffer {

// What a server keeps of a run in its repository: sealed to the metadata key and signed by the
// server (docs/formats/run.md). Who takes the repository over can read it.

/// Octets that can be kept of a run at most.
constexpr std::size_t runLimit = 1 << 20;

/// "runs/<16 hex>"
std::string runObjectName(std::uint64_t number);

/// Numbers of the runs that are kept, ascending.
std::vector<std::uint64_t> keptRuns(ObjectStore& store);

/// The same, each with the octets that it takes.
std::map<std::uint64_t, std::uint64_t> sizesOfKeptRuns(ObjectStore& store);

/// The object of a run. Throws Error(limitExceeded).
Bytes sealRun(const RepositoryConfig& config, const SigningKey& server, std::uint64_t number,
              ByteView content);

/// What can be checked without keys: its form, what it belongs to and the signature. Throws
/// Error(corrupt), (unsupported), (untrusted) for one that the server has not signed, or of another
/// repository or number.
void checkRun(ByteView object, const RepositoryConfig& config, std::uint64_t number);

/// What is kept of a run. Throws as checkRun, and Error(wrongKey).
Bytes openRun(ByteView object, const RepositoryConfig& config, const ServerKeys& keys,
              std::uint64_t number);

/// The object of a run as it is in the store. Throws Error(notFound).
Bytes readRunObject(ObjectStore& store, std::uint64_t number);

/// What a store keeps of a run. Throws as openRun and readRunObject.
Bytes readRun(ObjectStore& store, const RepositoryConfig& config, const ServerKeys& keys,
              std::uint64_t number);

}  // namespace coffer
