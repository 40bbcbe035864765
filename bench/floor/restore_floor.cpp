#include "bench/floor/stages.h"
#include "bench/floor/tree_files.h"
#include "core/base/error.h"
#include "core/codec/aead.h"
#include "core/source/file_system_target.h"
#include "core/storage/disk.h"

namespace coffer {

void verifyFloor(const std::string& pack, const std::vector<FloorBlock>& blocks, Stages& stages) {
    const auto disk = makeSystemDisk();
    const auto reader = disk->open(pack);
    ChunkHasher hasher(DomainKey{});
    Decompressor decompressor;
    Sha256 digest;
    Bytes sealed;
    Bytes packed;
    std::uint64_t offset = 0;
    for (const FloorBlock& block : blocks) {
        sealed.resize(block.sealedLength);
        stages.in("load", [&] { reader->read(offset, sealed); });
        offset += sealed.size();
        stages.in("digest", [&] { digest.update(sealed); });
        stages.in("open seal", [&] { openSealed(block.key, {}, sealed, packed); });
        ByteView raw = stages.in("decompress", [&] {
            return decompressor.decompressHere(block.codec, packed, block.rawLength);
        });
        for (const std::size_t length : block.chunks) {
            stages.in("hash", [&] { hasher.id(ChunkKind::data, raw.first(length)); });
            raw = raw.subspan(length);
        }
    }
}

void restoreFloor(const std::string& tree, const std::string& target, Stages& stages) {
    FileSystemTarget to(target);
    Stages aside;  // the octets come from the tree itself
    Bytes content;
    forEachFile(
        tree, aside,
        [&](Folder& folder, const std::string& path, const Stat& stat) {
            content.resize(stat.size);
            folder.open(stat)->readAt(0, content);
            const Attributes attributes = attributesOf(stat, {});
            stages.in("make files", [&] {
                const auto file = to.createFile(path, attributes);
                file->writeAt(0, content);
                file->finish(attributes);
            });
        },
        [&](const std::string& path) { stages.in("make files", [&] { to.makeFolder(path); }); });
}

}  // namespace coffer
