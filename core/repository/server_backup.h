#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/codec/compression.h"
#include "core/repository/repository_config.h"
#include "core/storage/object_store.h"

namespace coffer {

// The server's own backup in a repository: files, sealed to the recovery kit and signed by the
// server (docs/formats/server-backup.md). The server can write it and never read it.

/// Writes one. Memory: some 3 MiB, whatever is in it. Used by one thread.
class ServerBackupWriter {
  public:
    /// `number` is free and higher than that of every other one there. The store outlives it.
    ServerBackupWriter(ObjectStore& store, const RepositoryConfig& config, const SigningKey& server,
                       std::uint64_t number, Timestamp time);

    /// Adds to the file `name`, of which the parts come one after the other; an empty file has one
    /// empty part.
    void append(std::string_view name, ByteView content);

    /// Before it returns nobody sees the object; afterwards it outlasts a power loss.
    void commit();

    std::uint64_t size() const { return size_; }  // octets so far

  private:
    void flush();
    void write(ByteView octets);

    const RepositoryId repository_;
    const SigningKey server_;
    const SecretKey key_ = SecretKey::random();
    std::unique_ptr<ObjectWriter> object_;
    Compressor compressor_{3};
    Sha256 digest_;
    std::uint64_t size_ = 0;
    std::uint32_t parts_ = 0;
    std::string name_;  // of the file that content_ belongs to; empty before the first
    Bytes content_;
};

/// One that lies in a repository.
struct ServerBackupInfo {
    std::string name;
    std::uint64_t number = 0;
    std::uint64_t size = 0;  // octets
};

/// Those that are there, oldest first.
std::vector<ServerBackupInfo> serverBackups(ObjectStore& store);

/// Reads all of it, checks the signature, and gives when it was made, by what it says itself.
/// Throws Error(corrupt), (unsupported), (untrusted) also for one of another repository.
Timestamp checkServerBackup(ObjectStore& store, const ServerBackupInfo& backup,
                            const RepositoryConfig& config);

/// Gets parts of files, those of one file one after the other. Names are not checked.
using ServerBackupSink = std::function<void(const std::string& name, ByteView content)>;

/// Checks it as checkServerBackup, then opens it. Throws Error(wrongKey) when the root key is
/// another's.
Timestamp readServerBackup(ObjectStore& store, const ServerBackupInfo& backup,
                           const RepositoryConfig& config, const RootKey& root,
                           const ServerBackupSink& sink);

/// What is sealed as one part. Throws Error(corrupt); `content` borrows from the decompressor.
struct ServerBackupPart {
    std::string name;
    ByteView content;
};
ServerBackupPart decodeServerBackupPart(ByteView plain, Decompressor& decompressor);

}  // namespace coffer
