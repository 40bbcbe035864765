#include "core/pipeline/repack.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/pipeline/pack_check.h"
#include "core/repository/server_agent.h"

namespace coffer {

namespace {

constexpr int compressionLevel = 3;
constexpr std::size_t blockTarget = 384U * 1024;

/// A pack that the server writes for itself.
class ServerUpload : public PackUpload {
  public:
    ServerUpload(Repository& repository, const SessionId& session, const CancelToken& cancel,
                 std::vector<PackId>& finished)
        : repository_(repository),
          session_(session),
          cancel_(cancel),
          finished_(finished),
          id_(randomId<PackId>()),
          writer_(repository.store().create(packName(id_))) {}

    PackId id() const override { return id_; }
    void append(ByteView slice) override {
        cancel_.check();
        writer_->append(slice);
    }

    void finish(const PackRegistration& registration) override {
        const RunningWork::Arrival arrival(repository_.running(), packName(id_));
        writer_->commit();
        try {
            PackInfo info;
            info.registration = registration;
            checkPack(repository_, info, [this](std::uint64_t) { cancel_.check(); });
        } catch (const Error&) {
            removeIfThere(repository_.store(), packName(id_));
            throw;
        }
        repository_.registerPack(registration, session_, true);
        finished_.push_back(id_);
    }

  private:
    Repository& repository_;
    const SessionId& session_;
    const CancelToken& cancel_;
    std::vector<PackId>& finished_;
    const PackId id_;
    std::unique_ptr<ObjectWriter> writer_;
};

AgentKeys serverKeys(const Repository& repository, const DomainId& domain) {
    const RepositoryConfig& config = repository.config();
    const ServerKeys& keys = repository.keys();
    return {config.repositoryId,
            keys.epoch,
            config.content,
            config.metadata,
            keys.domain(domain),
            serverAgent(config.repositoryId),
            keys.sign};
}

}  // namespace

/// The packs of one domain that are being written, one after the other.
struct Repacker::Stream {
    /// What is to become a block.
    struct Block {
        BlockContent content;
        Bytes data;
    };

    explicit Stream(AgentKeys itsKeys) : keys(std::move(itsKeys)), hasher(keys.domain.key) {
        for (const ChunkKind kind : {ChunkKind::data, ChunkKind::tree, ChunkKind::list}) {
            remains[static_cast<std::size_t>(kind) - 1].content.kind = kind;
        }
    }

    Block& remainsOf(ChunkKind kind) { return remains[static_cast<std::size_t>(kind) - 1]; }

    AgentKeys keys;
    ChunkHasher hasher;
    std::unique_ptr<PackWriter> writer;
    std::function<std::unique_ptr<PackUpload>()> open;
    std::array<Block, 3> remains;

    void add(BlockContent content, const Compressor::Packed& packed) {
        if (!writer) writer = std::make_unique<PackWriter>(keys, open());
        writer->add(std::move(content), packed);
    }
    void close(Block& block, Compressor& compressor) {
        if (block.content.chunks.empty()) return;
        const ChunkKind kind = block.content.kind;
        block.content.rawLength = static_cast<std::uint32_t>(block.data.size());
        add(std::move(block.content), compressor.compress(block.data));
        block = {};
        block.content.kind = kind;
    }
    void finish(Compressor& compressor) {
        for (Block& block : remains) close(block, compressor);
        if (writer) writer->finish();
        writer.reset();
    }
};

Repacker::Repacker(Repository& repository, const SessionId& session, const CancelToken& cancel,
                   std::function<void(std::uint64_t octets)> copied)
    : repository_(repository),
      session_(session),
      cancel_(cancel),
      copied_(std::move(copied)),
      compressor_(compressionLevel) {
    repository.enrol(serverAgent(repository.config().repositoryId), repository.config().server);
}

Repacker::~Repacker() = default;

Repacker::Stream& Repacker::streamFor(const DomainId& domain, ChunkKind kind) {
    std::unique_ptr<Stream>& stream = streams_[{domain, kind == ChunkKind::data}];
    if (!stream) {
        stream = std::make_unique<Stream>(serverKeys(repository_, domain));
        stream->open = [this] {
            return std::make_unique<ServerUpload>(repository_, session_, cancel_, finished_);
        };
    }
    return *stream;
}

void Repacker::copy(const PackId& pack, const Wanted& wanted) {
    during("copy from pack " + pack.hex(), [&] {
        const auto opened = repository_.openPack(pack);
        for (std::uint32_t number = 0; number < opened->directory().blocks.size(); ++number) {
            copyBlock(*opened, pack, number, wanted);
        }
    });
}

void Repacker::copyBlock(const OpenPack& pack, const PackId& id, std::uint32_t number,
                         const Wanted& wanted) {
    cancel_.check();
    const BlockPlace& place = pack.directory().blocks[number];
    std::vector<std::uint32_t> slots;
    for (std::uint32_t slot = 0; slot < place.chunks.size(); ++slot) {
        if (wanted(number, slot)) slots.push_back(slot);
    }
    if (slots.empty()) return;
    Bytes sealed(place.sealedLength);
    repository_.store().read(packName(id), place.offset, sealed);
    const Bytes packed = openPacked(pack.access(number), place, sealed);
    const Bytes raw = decompressor_.decompress(place.codec, packed, place.rawLength);
    Stream& stream = streamFor(pack.directory().domain, place.kind);
    Stream::Block& remains = stream.remainsOf(place.kind);
    const bool whole = slots.size() == place.chunks.size() && raw.size() >= blockTarget / 2;
    std::size_t offset = 0;
    auto next = slots.begin();
    for (std::uint32_t slot = 0; slot < place.chunks.size(); ++slot) {
        const ChunkPlace& chunk = place.chunks[slot];
        const ByteView content = ByteView(raw).subspan(offset, chunk.length);
        offset += chunk.length;
        if (next == slots.end() || *next != slot) continue;
        ++next;
        if (stream.hasher.id(place.kind, content) != chunk.id) {
            throw Error(ErrorCode::corrupt, "chunk " + chunk.id.hex() + " does not match its id");
        }
        if (copied_) copied_(content.size());
        if (whole) continue;
        if (remains.data.size() + content.size() > blockTarget) stream.close(remains, compressor_);
        remains.content.chunks.push_back(chunk);
        append(remains.data, content);
    }
    if (whole) {
        stream.add({place.kind, place.rawLength, place.chunks}, {place.codec, packed});
    }
}

bool Repacker::full() const {
    return std::ranges::any_of(streams_, [](const auto& stream) {
        return stream.second->writer && stream.second->writer->full();
    });
}

std::vector<PackId> Repacker::finish() {
    for (const auto& [which, stream] : streams_) stream->finish(compressor_);
    return std::exchange(finished_, {});
}

}  // namespace coffer
