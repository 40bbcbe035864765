#include <algorithm>

#include "core/base/error.h"
#include "core/codec/aead.h"
#include "core/repository/envelope.h"
#include "core/repository/numbered_name.h"
#include "core/repository/server_backup.h"
#include "core/repository/server_backup_format.h"
#include "core/repository/server_backup_keys.h"

namespace coffer {

namespace format = server_backup_format;

namespace {

constexpr std::size_t boxSize = sizeof(SecretKey) + boxOverhead;
constexpr std::size_t signatureSize = sizeof(Signature::bytes);
constexpr std::size_t lengthSize = 4;
constexpr std::size_t block = 1 << 20;

struct Head {
    Timestamp time;
    Bytes box;
    std::size_t size = 0;  // octets of the head
};

Bytes readAt(ObjectStore& store, const ServerBackupInfo& backup, std::uint64_t offset,
             std::size_t size) {
    if (offset > backup.size || backup.size - offset < size) {
        throw Error(ErrorCode::corrupt, "it ends too early");
    }
    Bytes octets(size);
    store.read(backup.name, offset, octets);
    return octets;
}

Head headOf(ObjectStore& store, const ServerBackupInfo& backup, const RepositoryId& repository) {
    if (backup.size > format::sizeLimit) {  // before any of it is read
        throw Error(ErrorCode::corrupt, "it is larger than any can be");
    }
    const auto first =
        static_cast<std::size_t>(std::min<std::uint64_t>(backup.size, format::headLimit));
    const Bytes octets = readAt(store, backup, 0, first);
    WireReader reader = openObject(octets, format::magic, format::formatVersion);
    if (reader.id<RepositoryId>() != repository || reader.u64() != backup.number) {
        throw Error(ErrorCode::untrusted, "it belongs to another repository or place");
    }
    Head head;
    head.time = reader.time();
    head.box = toBytes(reader.raw(boxSize));
    head.size = octets.size() - reader.remaining();
    return head;
}

void checkSignature(ObjectStore& store, const ServerBackupInfo& backup, const VerifyKey& server) {
    if (backup.size < signatureSize) throw Error(ErrorCode::corrupt, "it is too short");
    const std::uint64_t end = backup.size - signatureSize;
    Sha256 digest;
    for (std::uint64_t at = 0; at < end;) {
        const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(block, end - at));
        digest.update(readAt(store, backup, at, size));
        at += size;
    }
    verifySignature(server, format::purpose, digest.finish().view(),
                    Signature::from(readAt(store, backup, end, signatureSize)));
}

Head checkedHead(ObjectStore& store, const ServerBackupInfo& backup,
                 const RepositoryConfig& config) {
    Head head = headOf(store, backup, config.repositoryId);
    checkSignature(store, backup, config.server);
    return head;
}

void readParts(ObjectStore& store, const ServerBackupInfo& backup, const Head& head,
               const SecretKey& key, const RepositoryId& repository, const ServerBackupSink& sink) {
    const std::uint64_t end = backup.size - signatureSize;
    Decompressor decompressor;
    std::uint64_t at = head.size;
    for (std::uint32_t part = 0;; ++part) {
        const Bytes length = readAt(store, backup, at, lengthSize);
        const std::uint32_t size = WireReader(length).u32();
        at += lengthSize;
        if (size == 0) break;
        if (part == format::mostParts || size > format::partLimit || at + size > end) {
            throw Error(ErrorCode::corrupt, "a part of it has a length that cannot be");
        }
        Bytes plain = openSealed(serverBackupPartKey(key, repository, part), {},
                                 readAt(store, backup, at, size));
        at += size;
        const ServerBackupPart opened = decodeServerBackupPart(plain, decompressor);
        sink(opened.name, opened.content);
        wipe(plain);
    }
    if (at != end) throw Error(ErrorCode::corrupt, "something follows its end");
}

}  // namespace

std::vector<ServerBackupInfo> serverBackups(ObjectStore& store) {
    std::vector<ServerBackupInfo> backups;
    store.list(format::folder, [&](std::string_view name, std::uint64_t size) {
        const auto number = numberOf(format::folder, name);
        if (number) backups.push_back({std::string(name), *number, size});
    });
    return backups;
}

Timestamp checkServerBackup(ObjectStore& store, const ServerBackupInfo& backup,
                            const RepositoryConfig& config) {
    return during(backup.name, [&] { return checkedHead(store, backup, config).time; });
}

Timestamp readServerBackup(ObjectStore& store, const ServerBackupInfo& backup,
                           const RepositoryConfig& config, const RootKey& root,
                           const ServerBackupSink& sink) {
    return during(backup.name, [&] {
        const Head head = checkedHead(store, backup, config);
        Bytes plain = openBox(root.box, head.box);
        const SecretKey key = SecretKey::from(plain);
        wipe(plain);
        readParts(store, backup, head, key, config.repositoryId, sink);
        return head.time;
    });
}

ServerBackupPart decodeServerBackupPart(ByteView plain, Decompressor& decompressor) {
    WireReader reader(plain);
    ServerBackupPart part;
    part.name = reader.text(format::longestName);
    if (part.name.empty()) throw Error(ErrorCode::corrupt, "a file without a name");
    const auto codec = static_cast<Codec>(reader.u8());
    const auto size = static_cast<std::size_t>(reader.bounded(format::partSize, "size of a part"));
    part.content = decompressor.decompressHere(codec, reader.raw(reader.remaining()), size);
    return part;
}

}  // namespace coffer
