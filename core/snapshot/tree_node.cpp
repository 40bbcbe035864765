#include "core/snapshot/tree_node.h"

#include "core/base/error.h"
#include "core/base/wire.h"
#include "core/snapshot/extent_codec.h"
#include "core/snapshot/tree_format.h"

namespace coffer {

namespace format = tree_format;

namespace {

[[noreturn]] void corrupt(const std::string& what) {
    throw Error(ErrorCode::corrupt, "tree node: " + what);
}

// Writes fields in the order they are asked for, which is that of their numbers.
class FieldWriter {
  public:
    template <class Write>
    void field(format::Field number, bool isCritical, Write&& write) {
        WireWriter value;
        write(value);
        writer_.varint(number << 1 | (isCritical ? format::critical : 0));
        writer_.sized(value.bytes());
    }
    Bytes take() { return writer_.take(); }

  private:
    WireWriter writer_;
};

void writeStream(WireWriter& value, const NamedStream& stream) {
    value.u8(static_cast<std::uint8_t>(stream.kind));
    value.sized(stream.name);
    value.varint(stream.size);
    writeContent(value, stream.content);
}

NamedStream readStream(WireReader& value) {
    NamedStream stream;
    const std::uint8_t kind = value.u8();
    if (kind < 1 || kind > 2) throw Error(ErrorCode::unsupported, "unknown kind of named stream");
    stream.kind = static_cast<NamedStream::Kind>(kind);
    stream.name = value.text(format::xattrNameLimit);
    stream.size = value.varint();
    stream.content = readContent(value);
    return stream;
}

bool isDevice(EntryType type) {
    return type == EntryType::characterDevice || type == EntryType::blockDevice;
}

void writeWhatItIs(FieldWriter& out, const TreeNode& node) {
    const Attributes& a = node.attributes;
    out.field(format::nameField, true, [&](auto& v) { v.raw(bytesOf(node.name)); });
    if (node.nameEncoding != NameEncoding::octets) {
        out.field(format::nameEncodingField, true,
                  [&](auto& v) { v.u8(static_cast<std::uint8_t>(node.nameEncoding)); });
    }
    out.field(format::typeField, true, [&](auto& v) { v.u8(static_cast<std::uint8_t>(a.type)); });
    if (a.type == EntryType::file) {
        out.field(format::sizeField, true, [&](auto& v) { v.varint(a.size); });
        if (node.content != Content{}) {
            out.field(format::contentField, true, [&](auto& v) { writeContent(v, node.content); });
        }
    }
    if (node.tree) out.field(format::treeField, true, [&](auto& v) { v.raw(node.tree->view()); });
    if (a.type == EntryType::symlink) {
        out.field(format::linkTargetField, true, [&](auto& v) { v.raw(bytesOf(a.linkTarget)); });
    }
    if (isDevice(a.type)) {
        out.field(format::deviceField, true, [&](auto& v) {
            v.varint(a.deviceMajor);
            v.varint(a.deviceMinor);
        });
    }
    if (a.hardLink) {
        out.field(format::hardLinkField, false, [&](auto& v) {
            v.varint(a.hardLink->device);
            v.varint(a.hardLink->inode);
        });
    }
    for (const NamedStream& stream : node.streams) {
        out.field(format::streamField, false, [&](auto& v) { writeStream(v, stream); });
    }
    if (node.condition != 0) {
        out.field(format::conditionField, true, [&](auto& v) { v.u8(node.condition); });
    }
}

void writeAttributes(FieldWriter& out, const Attributes& a) {
    out.field(format::modeField, false, [&](auto& v) { v.varint(a.mode); });
    out.field(format::ownerField, false, [&](auto& v) {
        v.varint(a.uid);
        v.varint(a.gid);
    });
    if (!a.owner.empty() || !a.group.empty()) {
        out.field(format::ownerNamesField, false, [&](auto& v) {
            v.sized(a.owner);
            v.sized(a.group);
        });
    }
    out.field(format::modificationField, false, [&](auto& v) { v.time(a.mtime); });
    if (a.btime) out.field(format::birthField, false, [&](auto& v) { v.time(*a.btime); });
    if (a.inodeFlags) {
        out.field(format::inodeFlagsField, false, [&](auto& v) { v.u32(*a.inodeFlags); });
    }
    for (const Xattr& xattr : a.xattrs) {
        out.field(format::xattrField, false, [&](auto& v) {
            v.sized(xattr.name);
            v.sized(xattr.value);
        });
    }
}

std::uint32_t u32Varint(WireReader& reader) {
    return static_cast<std::uint32_t>(reader.bounded(0xffffffff, "number"));
}

void readName(TreeNode& node, WireReader& value) {
    node.name = textOf(value.raw(value.remaining()));
    if (node.name.size() > format::nameLimit || node.name == "." || node.name == ".." ||
        node.name.find('/') != std::string::npos || node.name.find('\0') != std::string::npos) {
        corrupt("a name that no entry can have");
    }
}

void readEnumerations(TreeNode& node, std::uint64_t field, WireReader& value) {
    const std::uint8_t number = value.u8();
    if (field == format::typeField) {
        if (number < 1 || number > 7) throw Error(ErrorCode::unsupported, "unknown type of entry");
        node.attributes.type = static_cast<EntryType>(number);
    } else if (field == format::nameEncodingField) {
        if (number != 1) throw Error(ErrorCode::unsupported, "unknown encoding of a name");
        node.nameEncoding = static_cast<NameEncoding>(number);
    } else {
        node.condition = number;
    }
}

// False for a field it does not know.
bool readField(TreeNode& node, std::uint64_t field, WireReader& value) {
    Attributes& a = node.attributes;
    switch (field) {
        case format::nameField:
            readName(node, value);
            return true;
        case format::nameEncodingField:
        case format::typeField:
        case format::conditionField:
            readEnumerations(node, field, value);
            return true;
        case format::sizeField:
            a.size = value.varint();
            return true;
        case format::contentField:
            node.content = readContent(value);
            return true;
        case format::treeField:
            node.tree = value.id<ChunkId>();
            return true;
        case format::linkTargetField:
            if (value.remaining() > format::linkTargetLimit) corrupt("a link target too long");
            a.linkTarget = textOf(value.raw(value.remaining()));
            return true;
        case format::deviceField:
            a.deviceMajor = u32Varint(value);
            a.deviceMinor = u32Varint(value);
            return true;
        case format::hardLinkField:
            a.hardLink.emplace();
            a.hardLink->device = value.varint();
            a.hardLink->inode = value.varint();
            return true;
        case format::streamField:
            node.streams.push_back(readStream(value));
            return true;
        case format::modeField:
            a.mode = static_cast<std::uint32_t>(value.bounded(07777, "mode"));
            return true;
        case format::ownerField:
            a.uid = u32Varint(value);
            a.gid = u32Varint(value);
            return true;
        case format::ownerNamesField:
            a.owner = value.text(format::accountNameLimit);
            a.group = value.text(format::accountNameLimit);
            return true;
        case format::modificationField:
            a.mtime = value.time();
            return true;
        case format::birthField:
            a.btime = value.time();
            return true;
        case format::inodeFlagsField:
            a.inodeFlags = value.u32();
            return true;
        case format::xattrField: {
            Xattr xattr;
            xattr.name = value.text(format::xattrNameLimit);
            xattr.value = toBytes(value.sized(format::xattrValueLimit));
            if (!a.xattrs.empty() && a.xattrs.back().name >= xattr.name) {
                corrupt("extended attributes out of order");
            }
            a.xattrs.push_back(std::move(xattr));
            return true;
        }
        default:
            return false;
    }
}

bool mayRepeat(std::uint64_t field) {
    return field == format::streamField || field == format::xattrField;
}

}  // namespace

Bytes TreeNode::encode() const {
    FieldWriter out;
    writeWhatItIs(out, *this);
    writeAttributes(out, attributes);
    return out.take();
}

TreeNode TreeNode::decode(ByteView data) {
    WireReader reader(data);
    TreeNode node;
    std::uint64_t last = 0;
    bool typed = false;
    while (!reader.atEnd()) {
        const std::uint64_t tag = reader.varint();
        const std::uint64_t field = tag >> 1;
        if (field < last || (field == last && !mayRepeat(field)) || field == 0) {
            corrupt("fields out of order");
        }
        last = field;
        WireReader value(reader.sized(format::nodeLimit));
        if (readField(node, field, value)) {
            value.expectEnd();
        } else if ((tag & format::critical) != 0) {
            throw Error(ErrorCode::unsupported, "tree node: field " + std::to_string(field) +
                                                    " needs a newer version of Coffer");
        }
        typed = typed || field == format::typeField;
    }
    if (!typed) corrupt("an entry without a type");
    if (node.tree && !node.isFolder()) corrupt("a tree below what is no folder");
    if (node.content != Content{} && node.attributes.type != EntryType::file) {
        corrupt("content of what is no file");
    }
    if (!node.content.list && totalLength(node.content.extents) > node.attributes.size) {
        corrupt("content longer than the file");
    }
    return node;
}

}  // namespace coffer
