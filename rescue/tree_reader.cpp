#include "rescue/tree_reader.h"

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "rescue/object_head.h"

namespace coffer::rescue {

namespace {

constexpr unsigned mostBits = 18;
constexpr std::size_t smallestSegment = 33;

enum class TreeForm : std::uint8_t { whole = 0, segment = 1, segmented = 2 };

[[noreturn]] void corrupt(const char* what) {
    throw Error(ErrorCode::corrupt, what);
}

std::size_t segmentOf(const std::string& name, unsigned bits) {
    if (bits == 0) return 0;
    const Digest digest = sha256(bytesOf(name));
    std::uint32_t top = 0;
    for (std::size_t i = 0; i < 4; ++i) top = top << 8 | digest.bytes[i];
    return top >> (32 - bits);
}

TreeForm readTreeHead(WireReader& in) {
    readInnerVersion(in);
    const auto form = in.u8();
    if (form > 2) corrupt("no form of a tree");
    return static_cast<TreeForm>(form);
}

}  // namespace

FolderReader::FolderReader(ChunkSource& chunks, const ChunkId& tree, Report report)
    : chunks_(chunks), report_(std::move(report)), tree_(tree) {
    Bytes octets = chunks_.read(tree_, ChunkKind::tree);
    WireReader in(octets);
    switch (readTreeHead(in)) {
        case TreeForm::whole:
            chunk_ = tree_;
            left_ = in.count(2, "entries");
            offset_ = octets.size() - in.remaining();
            segment_ = std::move(octets);
            break;
        case TreeForm::segment:
            corrupt("a part of a folder in place of a folder");
        case TreeForm::segmented:
            readSegments(in);
            break;
    }
}

void FolderReader::readSegments(WireReader& in) {
    bits_ = in.u8();
    const auto number = std::size_t{1} << std::min(bits_, mostBits);
    if (bits_ > mostBits || in.remaining() < smallestSegment * number) {
        corrupt("more segments than there can be");
    }
    segments_.reserve(number);
    for (std::size_t i = 0; i < number; ++i) {
        const auto chunk = in.id<ChunkId>();
        segments_.push_back({chunk, in.varint()});
    }
    in.expectEnd();
    endSegment_ = number;
}

void FolderReader::seek(const std::string& name) {
    if (segments_.empty()) return;
    nextSegment_ = segmentOf(name, bits_);
    endSegment_ = nextSegment_ + 1;
}

std::optional<Node> FolderReader::next() {
    for (;;) {
        if (left_ == 0) {
            if (nextSegment_ == endSegment_) return std::nullopt;
            openNextSegment();
            continue;
        }
        try {
            return nextInSegment();
        } catch (const Error& error) {
            report_((left_ > 0 ? "an entry is lost: " : "its last entries are lost: ") +
                    std::string(error.what()));
        }
    }
}

void FolderReader::openNextSegment() {
    const Segment& segment = segments_[nextSegment_++];
    if (segment.entries == 0) return;
    try {
        Bytes octets = chunks_.read(segment.chunk, ChunkKind::tree);
        WireReader in(octets);
        if (readTreeHead(in) != TreeForm::segment) corrupt("no part of a folder");
        const auto entries = in.count(2, "entries");
        if (entries != segment.entries) report_("has another number of entries than stated");
        chunk_ = segment.chunk;
        left_ = entries;
        offset_ = octets.size() - in.remaining();
        segment_ = std::move(octets);
        before_.clear();
    } catch (const Error& error) {
        report_(std::to_string(segment.entries) + " entries are lost: " + error.what());
    }
}

std::optional<Node> FolderReader::nextInSegment() {
    // The whole segment is lost unless this comes to its end.
    const auto left = std::exchange(left_, 0);
    if (segment_.empty()) segment_ = chunks_.read(chunk_, ChunkKind::tree);
    WireReader in(ByteView(segment_).subspan(offset_));
    const ByteView octets = in.sized(nodeLimit);
    offset_ = segment_.size() - in.remaining();
    left_ = left - 1;
    if (left_ == 0 && !in.atEnd()) report_("has octets behind its last entry");
    Node node = readNode(octets);
    checkName(node.name);
    if (left_ == 0) release();
    return node;
}

void FolderReader::checkName(const std::string& name) {
    if (name.empty()) corrupt("without a name");
    if (name <= before_) corrupt("names out of order");
    before_ = name;
    if (!segments_.empty() && segmentOf(name, bits_) != nextSegment_ - 1) {
        corrupt("a name in a part of the folder that is not its own");
    }
}

std::optional<Node> findEntry(ChunkSource& chunks, const Node& folder, const std::string& name) {
    if (!folder.tree) return std::nullopt;
    std::string damage;
    FolderReader entries(chunks, *folder.tree, [&](const std::string& line) { damage = line; });
    entries.seek(name);
    while (auto node = entries.next()) {
        if (node->name == name) return node;
    }
    if (!damage.empty()) throw Error(ErrorCode::corrupt, damage);
    return std::nullopt;
}

Node nodeAt(ChunkSource& chunks, const Node& root, const std::string& path) {
    Node node = root;
    for (std::size_t at = 0; at < path.size();) {
        const auto end = std::min(path.find('/', at), path.size());
        const std::string part = path.substr(at, end - at);
        const std::string soFar = path.substr(0, end);
        at = end + 1;
        if (part.empty()) continue;
        auto found = during(printable(soFar), [&] { return findEntry(chunks, node, part); });
        if (!found) throw Error(ErrorCode::notFound, printable(soFar) + ": not in the snapshot");
        node = std::move(*found);
    }
    return node;
}

}  // namespace coffer::rescue
