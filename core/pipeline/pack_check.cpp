#include "core/pipeline/pack_check.h"

#include "core/repository/pack_format.h"

namespace coffer {

namespace {

// Reads a pack from front to back, hashing what passes.
class PackScan {
  public:
    PackScan(ObjectStore& store, const PackId& pack,
             const std::function<void(std::uint64_t octets)>& read)
        : store_(store), name_(packName(pack)), read_(read) {}

    ByteView next(std::size_t length) {
        buffer_.resize(length);
        store_.read(name_, offset_, buffer_);
        hash_.update(buffer_);
        offset_ += length;
        read_(length);
        return buffer_;
    }
    std::uint64_t offset() const { return offset_; }
    Digest digest() { return hash_.finish(); }

  private:
    ObjectStore& store_;
    const std::string name_;
    const std::function<void(std::uint64_t octets)>& read_;
    Sha256 hash_;
    std::uint64_t offset_ = 0;
    Bytes buffer_;
};

void checkChunks(const BlockPlace& block, ByteView raw, ChunkHasher& hasher, PackCheck& result) {
    std::size_t offset = 0;
    for (const ChunkPlace& chunk : block.chunks) {
        if (hasher.id(block.kind, raw.subspan(offset, chunk.length)) != chunk.id) {
            throw Error(ErrorCode::corrupt, "chunk " + chunk.id.hex() + " does not match its id");
        }
        offset += chunk.length;
        ++result.chunks;
    }
    result.rawBytes += raw.size();
}

void checkRegistration(Repository& repository, const PackRegistration& registration) {
    const auto key = repository.ledger().agentKey(registration.agent);
    if (!key) throw Error(ErrorCode::untrusted, "registered by an unknown agent");
    verifySignature(*key, pack_format::registrationPurpose,
                    registration.statement(repository.config().repositoryId),
                    registration.signature);
}

}  // namespace

PackCheck checkPack(Repository& repository, const PackInfo& info,
                    const std::function<void(std::uint64_t octets)>& read) {
    const PackRegistration& registration = info.registration;
    return during("pack " + registration.pack.hex(), [&] {
        const auto size = repository.store().size(packName(registration.pack));
        if (!size) throw Error(ErrorCode::notFound, "is missing");
        if (*size != registration.size) {
            throw Error(ErrorCode::corrupt, "has " + std::to_string(*size) + " octets instead of " +
                                                std::to_string(registration.size));
        }
        const OpenPack pack = OpenPack::open(repository.store(), repository.config().repositoryId,
                                             registration.pack, repository.keys());
        ChunkHasher hasher(repository.keys().domain(pack.directory().domain).key);
        Decompressor decompressor;
        PackScan scan(repository.store(), registration.pack, read);
        PackCheck result;
        const auto& blocks = pack.directory().blocks;
        for (std::uint32_t number = 0; number < blocks.size(); ++number) {
            const BlockPlace& block = blocks[number];
            if (scan.offset() < block.offset) {
                scan.next(static_cast<std::size_t>(block.offset - scan.offset()));
            }
            const Bytes raw = during("block " + std::to_string(number), [&] {
                return openBlock(pack.access(number), block, scan.next(block.sealedLength),
                                 decompressor);
            });
            checkChunks(block, raw, hasher, result);
        }
        scan.next(static_cast<std::size_t>(*size - scan.offset()));
        if (scan.digest() != registration.sha256) {
            throw Error(ErrorCode::corrupt, "does not match its registered hash");
        }
        return result;
    });
}

PackVerdict judgePack(Repository& repository, const PackInfo& info,
                      const std::function<void(std::uint64_t octets)>& read) {
    PackVerdict verdict;
    try {
        checkRegistration(repository, info.registration);
        verdict.check = checkPack(repository, info, read);
    } catch (const Error& error) {
        if (error.code() == ErrorCode::cancelled) throw;
        verdict.state = PackState::suspect;
        verdict.damage = error;
    }
    return verdict;
}

}  // namespace coffer
