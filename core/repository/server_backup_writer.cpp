#include <algorithm>
#include <array>

#include "core/base/error.h"
#include "core/codec/aead.h"
#include "core/repository/envelope.h"
#include "core/repository/server_backup.h"
#include "core/repository/server_backup_format.h"
#include "core/repository/server_backup_keys.h"

namespace coffer {

namespace format = server_backup_format;

ServerBackupWriter::ServerBackupWriter(ObjectStore& store, const RepositoryConfig& config,
                                       const SigningKey& server, std::uint64_t number,
                                       Timestamp time)
    : repository_(config.repositoryId),
      server_(server),
      object_(store.create(serverBackupName(number))) {
    WireWriter head = beginObject(format::magic, format::formatVersion);
    head.raw(repository_.view());
    head.u64(number);
    head.time(time);
    head.raw(sealToBox(config.rootBox, key_.view()));
    write(head.bytes());
    content_.reserve(format::partSize);
}

void ServerBackupWriter::append(std::string_view name, ByteView content) {
    if (name.empty() || name.size() > format::longestName) {
        throw Error(ErrorCode::invalidArgument, "a file of a server's backup needs a short name");
    }
    if (name != name_) {
        flush();
        name_ = name;
    }
    while (!content.empty()) {
        if (content_.size() == format::partSize) {
            flush();
            name_ = name;
        }
        const ByteView now =
            content.first(std::min(content.size(), format::partSize - content_.size()));
        coffer::append(content_, now);
        content = content.subspan(now.size());
    }
}

void ServerBackupWriter::commit() {
    flush();
    write(std::array<std::uint8_t, 4>{});
    const Signature signature = server_.sign(format::purpose, digest_.finish().view());
    object_->append(signature.view());
    size_ += signature.bytes.size();
    object_->commit();
}

void ServerBackupWriter::flush() {
    if (name_.empty()) return;
    if (parts_ == format::mostParts) {
        throw Error(ErrorCode::limitExceeded, "the server's backup is too large");
    }
    const Compressor::Packed packed = compressor_.compress(content_);
    WireWriter plain;
    plain.sized(name_);
    plain.u8(static_cast<std::uint8_t>(packed.codec));
    plain.varint(content_.size());
    plain.raw(packed.data);
    Bytes sealed;
    Bytes octets = plain.take();
    seal(serverBackupPartKey(key_, repository_, parts_), {}, octets, sealed);
    wipe(octets);
    WireWriter length;
    length.u32(static_cast<std::uint32_t>(sealed.size()));
    write(length.bytes());
    write(sealed);
    ++parts_;
    wipe(content_);
    content_.clear();
    name_.clear();
}

void ServerBackupWriter::write(ByteView octets) {
    object_->append(octets);
    digest_.update(octets);
    size_ += octets.size();
}

}  // namespace coffer
