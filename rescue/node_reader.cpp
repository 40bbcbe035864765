#include "rescue/node_reader.h"

#include <limits>

#include "core/base/error.h"

namespace coffer::rescue {

namespace {

constexpr std::size_t nameLimit = 4096;
constexpr std::size_t accountLimit = 1024;
constexpr std::size_t attributeNameLimit = 1024;
constexpr std::uint64_t attributeLimit = 4 * 1024 * 1024;
constexpr std::size_t linkTargetLimit = 64 * 1024;
constexpr std::size_t mostExtents = 64;
constexpr std::uint64_t longestContent = std::uint64_t{1} << 62;
constexpr std::uint64_t u32Max = std::numeric_limits<std::uint32_t>::max();

enum Field : std::uint64_t {
    name = 1,
    nameEncoding = 2,
    type = 3,
    size = 4,
    content = 5,
    tree = 7,
    linkTarget = 8,
    device = 9,
    hardLink = 10,
    namedStream = 11,
    condition = 12,
    mode = 13,
    owner = 14,
    ownerNames = 15,
    modificationTime = 16,
    birthTime = 17,
    inodeFlags = 18,
    extendedAttribute = 19
};

[[noreturn]] void corrupt(const char* what) {
    throw Error(ErrorCode::corrupt, what);
}

std::uint32_t readU32(WireReader& in, const char* what) {
    return static_cast<std::uint32_t>(in.bounded(u32Max, what));
}

std::string readName(WireReader& in) {
    std::string text(textOf(in.raw(in.remaining())));
    if (text.size() > nameLimit) corrupt("a name that is too long");
    if (text == "." || text == ".." || text.find('/') != std::string::npos ||
        text.find('\0') != std::string::npos) {
        corrupt("a name that no entry can have");
    }
    return text;
}

EntryType readType(WireReader& in) {
    const auto number = in.u8();
    if (number < 1 || number > 7) throw Error(ErrorCode::unsupported, "a newer type of entry");
    return static_cast<EntryType>(number);
}

Content readContent(WireReader& in) {
    Content found;
    switch (in.u8()) {
        case 0:
            while (!in.atEnd()) {
                if (found.extents.size() == mostExtents) corrupt("too many extents");
                found.extents.push_back(readExtent(in));
            }
            break;
        case 1:
            found.depth = in.u8();
            if (found.depth > deepestList) corrupt("lists too deep");
            found.list = in.id<ChunkId>();
            break;
        default:
            corrupt("no form of content");
    }
    return found;
}

void readStream(WireReader& in, Node& node) {
    const auto kind = in.u8();
    if (kind != 1 && kind != 2) throw Error(ErrorCode::unsupported, "a newer kind of stream");
    XattrStream stream;
    stream.name = in.text(attributeNameLimit);
    stream.size = in.varint();
    stream.content = readContent(in);
    if (!stream.content.list && lengthOf(stream.content.extents) != stream.size) {
        corrupt("a stream that is not as long as stated");
    }
    if (kind == 2) {
        node.otherStreams = true;
    } else {
        node.xattrStreams.push_back(std::move(stream));
    }
}

void readXattr(WireReader& in, std::vector<Xattr>& xattrs) {
    Xattr xattr;
    xattr.name = in.text(attributeNameLimit);
    xattr.value = toBytes(in.sized(attributeLimit));
    if (!xattrs.empty() && xattrs.back().name >= xattr.name) {
        corrupt("extended attributes out of order");
    }
    xattrs.push_back(std::move(xattr));
}

void readCondition(WireReader& in, Node& node) {
    const auto bits = in.u8();
    if (bits == 0) corrupt("a condition of nothing");
    node.unreadable = (bits & 2) != 0;
}

// Returns false for a field that this version does not know.
bool readField(std::uint64_t number, WireReader& in, Node& node) {
    Attributes& attributes = node.attributes;
    switch (number) {
        case Field::name:
            node.name = readName(in);
            return true;
        case Field::nameEncoding:
            if (in.u8() != 1) throw Error(ErrorCode::unsupported, "a newer encoding of names");
            return true;
        case Field::type:
            attributes.type = readType(in);
            return true;
        case Field::size:
            attributes.size = in.varint();
            return true;
        case Field::content:
            node.content = readContent(in);
            return true;
        case Field::tree:
            node.tree = in.id<ChunkId>();
            return true;
        case Field::linkTarget:
            attributes.linkTarget = textOf(in.raw(in.remaining()));
            if (attributes.linkTarget.size() > linkTargetLimit) corrupt("a link target too long");
            return true;
        case Field::device:
            attributes.deviceMajor = readU32(in, "device major number");
            attributes.deviceMinor = readU32(in, "device minor number");
            return true;
        case Field::hardLink: {
            const auto fileSystem = in.varint();
            attributes.hardLink = HardLinkGroup{fileSystem, in.varint()};
            return true;
        }
        case Field::namedStream:
            readStream(in, node);
            return true;
        case Field::condition:
            readCondition(in, node);
            return true;
        case Field::mode:
            attributes.mode = static_cast<std::uint32_t>(in.bounded(07777, "mode"));
            return true;
        case Field::owner:
            attributes.uid = readU32(in, "owner");
            attributes.gid = readU32(in, "group");
            return true;
        case Field::ownerNames:
            attributes.owner = in.text(accountLimit);
            attributes.group = in.text(accountLimit);
            return true;
        case Field::modificationTime:
            attributes.mtime = in.time();
            return true;
        case Field::birthTime:
            attributes.btime = in.time();
            return true;
        case Field::inodeFlags:
            attributes.inodeFlags = in.u32();
            return true;
        case Field::extendedAttribute:
            readXattr(in, attributes.xattrs);
            return true;
        default:
            return false;
    }
}

bool mayRepeat(std::uint64_t number) {
    return number == Field::namedStream || number == Field::extendedAttribute;
}

// What belongs to another type is to be ignored.
void keepToType(Node& node) {
    Attributes& attributes = node.attributes;
    if (!node.isFolder()) node.tree.reset();
    if (attributes.type != EntryType::file) node.content = {};
    if (attributes.type != EntryType::symlink) attributes.linkTarget.clear();
    if (attributes.type != EntryType::characterDevice &&
        attributes.type != EntryType::blockDevice) {
        attributes.deviceMajor = attributes.deviceMinor = 0;
    }
    if (node.isFolder()) attributes.hardLink.reset();
}

}  // namespace

Extent readExtent(WireReader& in) {
    const auto word = in.bounded(std::uint64_t{1} << 63, "length of an extent");
    Extent extent;
    extent.length = word >> 1;
    extent.hole = (word & 1) != 0;
    if (extent.length == 0) corrupt("an extent of nothing");
    if (!extent.hole) extent.chunk = in.id<ChunkId>();
    return extent;
}

std::uint64_t lengthOf(const std::vector<Extent>& extents) {
    std::uint64_t sum = 0;
    for (const Extent& extent : extents) {
        sum += extent.length;
        if (sum > longestContent) corrupt("content that is too long");
    }
    return sum;
}

Node readNode(ByteView octets) {
    WireReader in(octets);
    Node node;
    std::uint64_t before = 0;
    bool hasType = false;
    while (!in.atEnd()) {
        const auto tag = in.varint();
        const auto number = tag >> 1;
        if (number < before || (number == before && !mayRepeat(number)) || number == 0) {
            corrupt("fields out of order");
        }
        before = number;
        hasType = hasType || number == Field::type;
        WireReader value(in.sized(nodeLimit));
        if (readField(number, value, node)) {
            value.expectEnd();
        } else if ((tag & 1) != 0) {
            throw Error(ErrorCode::unsupported, "an entry with parts of a newer version");
        }
    }
    if (!hasType) corrupt("an entry without a type");
    keepToType(node);
    if (lengthOf(node.content.extents) > node.attributes.size) {
        corrupt("content longer than its file");
    }
    return node;
}

}  // namespace coffer::rescue
