#include "core/pipeline/pack_check.h"

#include <algorithm>
#include <array>

#include "core/pipeline/named_chunks.h"
#include "core/repository/pack_format.h"

namespace coffer {

namespace {

// Reads a pack from front to back, hashing what passes.
class PackScan {
  public:
    PackScan(ObjectStore& store, const PackId& pack, const ReadOctets& read)
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
    const ReadOctets& read_;
    Sha256 hash_;
    std::uint64_t offset_ = 0;
    Bytes buffer_;
};

// A prune believes what the directory says of references: one that leaves some out would have it
// delete what others need. More of them are of fields that a later version has added. A tree that
// cannot be decoded leads nobody anywhere.
bool leavesOut(ChunkKind kind, ByteView content, const std::vector<ChunkId>& references) {
    try {
        auto from = references.begin();
        for (const ChunkId& named : namedChunks(kind, content)) {
            from = std::find(from, references.end(), named);
            if (from == references.end()) return true;
            ++from;
        }
        return false;
    } catch (const Error& error) {
        if (!isPackDamage(error.code()) && error.code() != ErrorCode::unsupported) throw;
        return false;
    }
}

struct OpenedBlock {
    const BlockPlace* place;
    ByteView raw;
};

// Blocks of one kind.
void checkChunks(std::span<const OpenedBlock> blocks, ChunkHasher& hasher, PackCheck& result) {
    std::vector<const ChunkPlace*> chunks;
    std::vector<ByteView> contents;
    for (const OpenedBlock& block : blocks) {
        std::size_t offset = 0;
        for (const ChunkPlace& chunk : block.place->chunks) {
            chunks.push_back(&chunk);
            contents.push_back(block.raw.subspan(offset, chunk.length));
            offset += chunk.length;
        }
        result.rawBytes += block.raw.size();
    }
    const ChunkKind kind = blocks.front().place->kind;
    const std::vector<ChunkId> ids = hasher.ids(kind, contents);
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const ChunkPlace& chunk = *chunks[i];
        if (ids[i] != chunk.id) {
            throw Error(ErrorCode::corrupt, "chunk " + chunk.id.hex() + " does not match its id");
        }
        if (leavesOut(kind, contents[i], chunk.references)) {
            throw Error(ErrorCode::corrupt,
                        "chunk " + chunk.id.hex() + " names some that the directory leaves out");
        }
        ++result.chunks;
    }
}

// A block of a single chunk, as large files have them, is hashed together with the next one.
bool waitsForNext(const std::vector<BlockPlace>& blocks, std::uint32_t number) {
    if (number + 1 == blocks.size()) return false;
    const BlockPlace& block = blocks[number];
    const BlockPlace& next = blocks[number + 1];
    return block.chunks.size() == 1 && next.chunks.size() == 1 && block.kind == next.kind;
}

void checkRegistration(Repository& repository, const PackRegistration& registration) {
    const auto key = repository.ledger().agentKey(registration.agent);
    if (!key) throw Error(ErrorCode::untrusted, "registered by an unknown agent");
    verifySignature(*key, pack_format::registrationPurpose,
                    registration.statement(repository.config().repositoryId),
                    registration.signature);
}

void checkLength(Repository& repository, const PackRegistration& registration) {
    const auto size = repository.store().size(packName(registration.pack));
    if (!size) throw Error(ErrorCode::notFound, "is missing");
    if (*size != registration.size) {
        throw Error(ErrorCode::corrupt, "has " + std::to_string(*size) + " octets instead of " +
                                            std::to_string(registration.size));
    }
}

OpenPack openFresh(Repository& repository, const PackId& pack) {
    return OpenPack::open(repository.store(), repository.config().repositoryId, pack,
                          repository.keys());
}

/// Reads single blocks of a pack that has been opened.
class BlockCheck {
  public:
    BlockCheck(Repository& repository, const PackId& id, const OpenPack& pack)
        : store_(repository.store()),
          name_(packName(id)),
          pack_(pack),
          hasher_(repository.keys().domain(pack.directory().domain).key) {}

    void check(std::uint32_t number, PackCheck& result) {
        const BlockPlace& block = pack_.directory().blocks[number];
        during("block " + std::to_string(number), [&] {
            sealed_.resize(block.sealedLength);
            store_.read(name_, block.offset, sealed_);
            result.storedBytes += sealed_.size();
            const OpenedBlock opened{&block, opener_.open(pack_.access(number), block, sealed_)};
            checkChunks({&opened, 1}, hasher_, result);
        });
    }

  private:
    ObjectStore& store_;
    const std::string name_;
    const OpenPack& pack_;
    ChunkHasher hasher_;
    BlockOpener opener_;
    Bytes sealed_;
};

// Its octets are those that were registered: it is no damage that makes it look like that.
bool needsNewerVersion(Repository& repository, const PackId& pack, const Error& error) {
    if (error.code() != ErrorCode::unsupported) return false;
    try {
        return repository.isAsRegistered(pack);
    } catch (const Error&) {
        return false;
    }
}

template <class Check>
PackVerdict judge(Repository& repository, const PackInfo& info, PackState sound, Check&& check) {
    PackVerdict verdict;
    verdict.state = sound;
    try {
        checkRegistration(repository, info.registration);
        verdict.check = check();
    } catch (const Error& error) {
        if (error.code() == ErrorCode::cancelled) throw;
        if (needsNewerVersion(repository, info.registration.pack, error)) {
            verdict.state = info.state;
            verdict.unread = error;
            return verdict;
        }
        verdict.state = PackState::suspect;
        verdict.damage = error;
    }
    return verdict;
}

}  // namespace

PackCheck checkPack(Repository& repository, const PackInfo& info, const ReadOctets& read) {
    const PackRegistration& registration = info.registration;
    return during("pack " + registration.pack.hex(), [&] {
        checkLength(repository, registration);
        const OpenPack pack = openFresh(repository, registration.pack);
        ChunkHasher hasher(repository.keys().domain(pack.directory().domain).key);
        std::array<BlockOpener, 2> openers;
        std::vector<OpenedBlock> opened;
        PackScan scan(repository.store(), registration.pack, read);
        PackCheck result;
        const auto& blocks = pack.directory().blocks;
        for (std::uint32_t number = 0; number < blocks.size(); ++number) {
            const BlockPlace& block = blocks[number];
            if (scan.offset() < block.offset) {
                scan.next(static_cast<std::size_t>(block.offset - scan.offset()));
            }
            BlockOpener& opener = openers.at(opened.size());
            const ByteView raw = during("block " + std::to_string(number), [&] {
                return opener.open(pack.access(number), block, scan.next(block.sealedLength));
            });
            opened.push_back({&block, raw});
            if (opened.size() < openers.size() && waitsForNext(blocks, number)) continue;
            checkChunks(opened, hasher, result);
            opened.clear();
        }
        scan.next(static_cast<std::size_t>(registration.size - scan.offset()));
        if (scan.digest() != registration.sha256) {
            throw Error(ErrorCode::corrupt, "does not match its registered hash");
        }
        result.storedBytes = registration.size;
        return result;
    });
}

PackCheck checkBlocks(Repository& repository, const PackInfo& info, const BlockChoice& chosen,
                      const ReadOctets& read) {
    const PackId& id = info.registration.pack;
    return during("pack " + id.hex(), [&] {
        checkLength(repository, info.registration);
        const OpenPack pack = openFresh(repository, id);
        BlockCheck block(repository, id, pack);
        PackCheck result;
        read(0);
        for (std::uint32_t number = 0; number < pack.directory().blocks.size(); ++number) {
            if (!chosen(id, number)) continue;
            block.check(number, result);
            read(pack.directory().blocks[number].sealedLength);
        }
        return result;
    });
}

std::vector<std::uint32_t> soundBlocks(Repository& repository, const PackId& pack,
                                       const CancelToken& cancel) {
    std::vector<std::uint32_t> sound;
    try {
        const OpenPack opened = openFresh(repository, pack);
        BlockCheck block(repository, pack, opened);
        PackCheck ignored;
        for (std::uint32_t number = 0; number < opened.directory().blocks.size(); ++number) {
            cancel.check();
            try {
                block.check(number, ignored);
                sound.push_back(number);
            } catch (const Error&) {
                continue;  // the next one may be sound all the same
            }
        }
    } catch (const Error& error) {
        if (error.code() == ErrorCode::cancelled) throw;
    }
    return sound;
}

PackVerdict judgePack(Repository& repository, const PackInfo& info, const ReadOctets& read) {
    return judge(repository, info, PackState::verified,
                 [&] { return checkPack(repository, info, read); });
}

PackVerdict judgeBlocks(Repository& repository, const PackInfo& info, const BlockChoice& chosen,
                        const ReadOctets& read) {
    return judge(repository, info, info.state, [&] {
        if (info.state == PackState::suspect) {
            throw Error(ErrorCode::corrupt, "was found damaged before");
        }
        return checkBlocks(repository, info, chosen, read);
    });
}

}  // namespace coffer
