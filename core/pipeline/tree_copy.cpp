#include "core/pipeline/tree_copy.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/wire.h"
#include "core/snapshot/content_list.h"
#include "core/snapshot/extent_codec.h"

namespace coffer {

namespace {

// Less is sooner read again than looked up, and a row for each small file would fill the map.
constexpr std::uint64_t mappedFrom = 64U << 10;

// So much is read again at most when the program is killed.
constexpr std::uint64_t flushedEach = 16U << 20;

// Trees stand in the map under their ids, contents under this, which is none.
Digest keyOf(ByteView content) {
    Bytes named = toBytes(bytesOf("content "));
    append(named, content);
    return sha256(named);
}

Bytes encoded(const Content& content) {
    WireWriter writer;
    writeContent(writer, content);
    return writer.take();
}

std::vector<ChunkId> referencesOf(const Content& content) {
    std::vector<ChunkId> ids;
    content.forEachReference([&](const ChunkId& id) { ids.push_back(id); });
    return ids;
}

}  // namespace

ChunkId TreeCopy::copy(const ChunkId& tree) {
    if (const auto known = knownTree(tree)) return *known;
    enter(tree);
    while (true) {
        parts_.cancel.check();
        Frame& frame = *frames_.back();
        if (frame.at < frame.nodes.size()) {
            TreeNode& node = frame.nodes[frame.at];
            copyContents(node);
            if (node.tree) {
                const auto known = knownTree(*node.tree);
                if (!known) {
                    enter(*node.tree);
                    continue;
                }
                node.tree = known;
            }
            add(frame);
        } else if (const auto done = finishPart(frame)) {
            parts_.target.map.put(Digest::from(frame.source.view()), done->view(), parts_.copy);
            ++parts_.progress.folders;
            frames_.pop_back();
            if (frames_.empty()) return *done;
            Frame& above = *frames_.back();
            above.nodes[above.at].tree = done;
            add(above);
        }
    }
}

void TreeCopy::enter(const ChunkId& tree) {
    auto frame = std::make_unique<Frame>();
    frame->source = tree;
    TreeContent content = decodeTree(parts_.chunks.read(tree));
    if (auto* large = std::get_if<SegmentedTree>(&content)) {
        frame->large = std::move(*large);
        frame->copied.bits = frame->large.bits;
        enterSegment(*frame);
    } else {
        auto& entries = std::get<TreeEntries>(content);
        if (entries.isSegment) throw Error(ErrorCode::corrupt, "tree: a segment for a folder");
        frame->nodes = std::move(entries.nodes);
        frame->encoder = std::make_unique<TreeEncoder>(false);
    }
    frames_.push_back(std::move(frame));
}

// The next one that is not copied yet.
void TreeCopy::enterSegment(Frame& frame) {
    const std::size_t number = frame.copied.segments.size();
    const ChunkId& tree = frame.large.segments.at(number).tree;
    frame.nodes = decodeSegment(frame.large, number, parts_.chunks.read(tree));
    frame.at = 0;
    frame.encoder = std::make_unique<TreeEncoder>(true);
    frame.references.clear();
}

// All nodes of the part have been added. Gives the tree of the folder when it was the last.
std::optional<ChunkId> TreeCopy::finishPart(Frame& frame) {
    const ChunkId part =
        parts_.sink.add(ChunkKind::tree, frame.encoder->finish(), std::move(frame.references));
    if (frame.large.segments.empty()) return part;
    frame.copied.segments.push_back({part, frame.nodes.size()});
    if (frame.copied.segments.size() < frame.large.segments.size()) {
        enterSegment(frame);
        return {};
    }
    std::vector<ChunkId> segments;
    for (const TreeSegment& segment : frame.copied.segments) segments.push_back(segment.tree);
    return parts_.sink.add(ChunkKind::tree, encodeSegmented(frame.copied), std::move(segments));
}

void TreeCopy::add(Frame& frame) {
    const TreeNode& node = frame.nodes[frame.at++];
    frame.encoder->add(node.encode());
    node.forEachReference([&](const ChunkId& id) { frame.references.push_back(id); });
    if (node.attributes.type == EntryType::file) {
        ++parts_.progress.files;
        parts_.progress.bytes += node.attributes.size;
    } else if (!node.isFolder()) {
        ++parts_.progress.others;
    }
}

// One that is there and of which it is a part.
std::optional<SnapshotId> TreeCopy::presentCopy(const CopyMap::Found& found) const {
    for (const SnapshotId& copy : {found.next, found.copy}) {
        if (parts_.target.present.contains(copy)) return copy;
    }
    return {};
}

// A tree that is there has all below it when a snapshot that is there has it. The question makes it
// a promise to this session.
std::optional<ChunkId> TreeCopy::knownTree(const ChunkId& tree) {
    const Digest key = Digest::from(tree.view());
    const auto found = parts_.target.map.find(key);
    if (!found || found->value.size() != sizeof(ChunkId::bytes)) return {};
    const auto copy = presentCopy(*found);
    if (!copy) return {};
    const ChunkId known = ChunkId::from(found->value);
    if (parts_.target.store.missing({&known, 1})[0]) return {};
    parts_.target.map.use(key, *copy, parts_.copy);
    ++parts_.progress.keptItems;
    return known;
}

void TreeCopy::copyContents(TreeNode& node) {
    node.content = copied(node.content);
    for (NamedStream& stream : node.streams) stream.content = copied(stream.content);
}

Content TreeCopy::copied(const Content& content) {
    if (content.extents.empty() && !content.list) return content;
    if (!content.list && totalLength(content.extents) < mappedFrom) return readAnew(content);
    const Digest key = keyOf(encoded(content));
    if (auto known = knownContent(key)) {
        ++parts_.progress.keptItems;
        return *std::move(known);
    }
    Content done = readAnew(content);
    parts_.target.map.put(key, encoded(done), parts_.copy);
    const std::uint64_t read = parts_.progress.readBytes;
    if (read - flushedAt_ >= flushedEach) {
        parts_.target.map.flush();
        flushedAt_ = read;
    }
    return done;
}

// What a list refers to is there when a snapshot that is there has the list; extents are asked for
// one by one.
std::optional<Content> TreeCopy::knownContent(const Digest& key) {
    const auto found = parts_.target.map.find(key);
    if (!found) return {};
    try {
        WireReader reader(found->value);
        Content content = readContent(reader);
        reader.expectEnd();
        const auto copy = presentCopy(*found);
        if (content.list && !copy) return {};
        const std::vector<bool> missing = parts_.target.store.missing(referencesOf(content));
        if (std::ranges::find(missing, true) != missing.end()) return {};
        parts_.target.map.use(key, copy.value_or(parts_.copy), parts_.copy);
        return content;
    } catch (const Error& error) {
        if (error.code() != ErrorCode::corrupt) throw;
        return {};  // of the map
    }
}

Content TreeCopy::readAnew(const Content& content) {
    ContentBuilder builder([this](Bytes list, std::vector<ChunkId> references) {
        return parts_.sink.add(ChunkKind::list, std::move(list), std::move(references));
    });
    forEachExtent(content, parts_.chunks, [&](std::uint64_t, const Extent& extent) {
        if (!extent.chunk) {
            builder.add(extent);
            return true;
        }
        Bytes data = parts_.chunks.read(*extent.chunk);
        if (data.size() != extent.length) {
            throw Error(ErrorCode::corrupt, "chunk " + extent.chunk->hex() + " has another length");
        }
        parts_.progress.readBytes += data.size();
        parts_.pace(data.size());
        builder.add({extent.length, parts_.sink.add(ChunkKind::data, std::move(data))});
        return true;
    });
    return builder.finish();
}

}  // namespace coffer
