#include "rescue/checker.h"

#include "core/base/printable.h"
#include "rescue/content_reader.h"
#include "rescue/sound_chunks.h"
#include "rescue/tree_walk.h"

namespace coffer::rescue {

namespace {

std::uint16_t numberOf(const Keys& keys, const DomainId& domain) {
    for (std::size_t i = 0; i < keys.domains.size(); ++i) {
        if (keys.domains[i].id == domain) return static_cast<std::uint16_t>(i);
    }
    throw Error(ErrorCode::untrusted, "of a dedup domain that is not known");
}

// Reads all packs and notes the chunks that are in order.
class PackCheck {
  public:
    PackCheck(const OpenedRepository& repository, SoundChunks& sound, ProblemReport& report)
        : repository_(repository), sound_(sound), report_(report) {}

    std::uint64_t run() {
        for (const RegisteredPack& pack : repository_.manifest().packs) {
            const std::string name = "pack " + pack.id.hex();
            report_.attempt(name, [&] { checkPack(name, pack); });
        }
        return chunks_;
    }

  private:
    void checkPack(const std::string& name, const RegisteredPack& registered) {
        PackFile pack(repository_.folder(), repository_.config().repository, repository_.keys(),
                      registered);
        if (pack.digest() != registered.digest) {
            report_.add(name + ": not the octets that were registered");
        }
        const PackDirectory& directory = pack.directory();
        const auto domain = numberOf(repository_.keys(), directory.domain);
        auto hasher = repository_.keys().domains[domain].hasher();
        std::size_t next = 0;
        for (std::uint32_t block = 0; block < directory.blocks.size(); ++block) {
            Bytes raw;
            const bool sound = report_.attempt(name, [&] { raw = pack.readBlock(block); });
            for (; next < directory.chunks.size() && directory.chunks[next].block == block;
                 ++next) {
                if (sound) checkChunk(name, directory, directory.chunks[next], raw, hasher, domain);
            }
        }
    }

    void checkChunk(const std::string& name, const PackDirectory& directory, const PackChunk& chunk,
                    ByteView block, ChunkHasher& hasher, std::uint16_t domain) {
        ++chunks_;
        const ChunkKind kind = directory.blocks[chunk.block].kind;
        if (hasher.id(kind, block.subspan(chunk.offset, chunk.length)) == chunk.id) {
            sound_.add(domain, kind, chunk.id, chunk.length);
        } else {
            report_.add(name + ": chunk " + chunk.id.hex() + ": octets that do not have the id");
        }
    }

    const OpenedRepository& repository_;
    SoundChunks& sound_;
    ProblemReport& report_;
    std::uint64_t chunks_ = 0;
};

// Follows all that a snapshot names.
class SnapshotCheck : private TreeVisitor, private ContentVisitor {
  public:
    SnapshotCheck(ChunkSource& chunks, SoundChunks& sound, std::uint16_t domain,
                  ProblemReport& report)
        : chunks_(chunks), sound_(sound), domain_(domain), report_(report) {}

    void run(const Node& root) { walkTree(chunks_, root, *this, report_); }

  private:
    bool enter(const std::string& path, const Node& folder) override {
        checkContents(path, folder);
        if (!folder.tree || !sound_.lengthOf(domain_, ChunkKind::tree, *folder.tree)) return true;
        return sound_.markFirst(domain_, ChunkKind::tree, *folder.tree);
    }
    void entry(const std::string& path, const Node& node) override { checkContents(path, node); }
    void leave(const std::string&, const Node&) override {}

    void checkContents(const std::string& path, const Node& node) {
        lost_ = 0;
        visitContent(chunks_, node.content, node.attributes.size, *this);
        for (const XattrStream& stream : node.xattrStreams) {
            visitContent(chunks_, stream.content, stream.size, *this);
        }
        if (lost_ == 0) return;
        report_.add(printable(path) + ": " + std::to_string(lost_) + " octets are lost");
    }

    void hole(std::uint64_t, std::uint64_t) override {}
    void chunk(std::uint64_t, const Extent& extent) override {
        const auto length = sound_.lengthOf(domain_, ChunkKind::data, extent.chunk);
        if (length != extent.length) lost_ += extent.length;
    }
    void lost(std::uint64_t, std::uint64_t length, const Error&) override { lost_ += length; }

    ChunkSource& chunks_;
    SoundChunks& sound_;
    const std::uint16_t domain_;
    ProblemReport& report_;
    std::uint64_t lost_ = 0;
};

}  // namespace

CheckSummary checkRepository(const OpenedRepository& repository, ProblemReport& report) {
    CheckSummary summary;
    SoundChunks sound;
    summary.packs = repository.manifest().packs.size();
    summary.chunks = PackCheck(repository, sound, report).run();
    sound.sort();
    ProblemReport reportedAlready([](const std::string&) {});
    ChunkStore store = repository.chunks(reportedAlready);
    for (const RegisteredSnapshot& registered : repository.manifest().snapshots) {
        ++summary.snapshots;
        const std::string name = "snapshot " + registered.record.snapshot.hex();
        ProblemReport inSnapshot([&](const std::string& line) { report.add(name + ": " + line); });
        report.attempt(name, [&] {
            const Snapshot snapshot = repository.snapshot(registered.record);
            const auto domain = numberOf(repository.keys(), snapshot.domain);
            DomainChunks chunks(store, snapshot.domain);
            SnapshotCheck(chunks, sound, domain, inSnapshot).run(snapshot.root);
        });
    }
    return summary;
}

}  // namespace coffer::rescue
