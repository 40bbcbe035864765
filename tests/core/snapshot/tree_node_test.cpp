#include "core/snapshot/tree_node.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "core/base/wire.h"
#include "core/snapshot/tree_format.h"
#include "tests/core/snapshot/memory_chunks.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

namespace format = tree_format;

TreeNode nodeOf(EntryType type, std::string name = "name") {
    TreeNode node;
    node.name = std::move(name);
    node.attributes.type = type;
    return node;
}

void expectComesBack(const TreeNode& node) {
    const Bytes data = node.encode();
    const TreeNode decoded = TreeNode::decode(data);
    EXPECT_EQ(decoded, node) << toHex(data);
    EXPECT_EQ(decoded.encode(), data);
}

// Builds encodings that TreeNode::encode would never give.
class Fields {
  public:
    Fields& add(std::uint64_t number, const Bytes& value, bool isCritical = true) {
        writer_.varint(number << 1 | (isCritical ? format::critical : 0));
        writer_.sized(value);
        return *this;
    }
    Fields& add(std::uint64_t number, std::string_view value) {
        return add(number, toBytes(bytesOf(value)));
    }
    Fields& append(const Bytes& data) {
        writer_.raw(data);
        return *this;
    }
    const Bytes& bytes() const { return writer_.bytes(); }

  private:
    WireWriter writer_;
};

Fields fileFields() {
    return Fields().add(format::nameField, "a").add(format::typeField, Bytes{1});
}

Bytes wire(const std::function<void(WireWriter&)>& write) {
    WireWriter writer;
    write(writer);
    return writer.take();
}

void expectRefused(ErrorCode code, const Fields& fields) {
    SCOPED_TRACE(toHex(fields.bytes()));
    expectError(code, [&] { TreeNode::decode(fields.bytes()); });
}

TEST(TreeNode, EveryTypeComesBack) {
    for (int type = 1; type <= 7; ++type) expectComesBack(nodeOf(static_cast<EntryType>(type)));
    TreeNode link = nodeOf(EntryType::symlink);
    link.attributes.linkTarget = "../\xff\n/elsewhere";
    expectComesBack(link);
    link.attributes.linkTarget = std::string(format::linkTargetLimit, 'x');
    expectComesBack(link);
    for (const EntryType type : {EntryType::characterDevice, EntryType::blockDevice}) {
        TreeNode device = nodeOf(type);
        device.attributes.deviceMajor = 0xffffffff;
        device.attributes.deviceMinor = 0xfffffffe;
        expectComesBack(device);
    }
    TreeNode folder = nodeOf(EntryType::folder);
    folder.tree = chunkNumber(1);
    expectComesBack(folder);
}

TEST(TreeNode, EveryFieldComesBack) {
    const std::function<void(TreeNode&)> changes[] = {
        [](TreeNode& n) { n.name = ""; },
        [](TreeNode& n) { n.name = std::string(format::nameLimit, '\xfe'); },
        [](TreeNode& n) { n.name = "... \n\x01\xff"; },
        [](TreeNode& n) { n.nameEncoding = NameEncoding::utf8FromUtf16; },
        [](TreeNode& n) { n.attributes.size = std::numeric_limits<std::uint64_t>::max(); },
        [](TreeNode& n) { n.attributes.mode = 07777; },
        [](TreeNode& n) { n.attributes.uid = 0xffffffff; },
        [](TreeNode& n) { n.attributes.gid = 0xffffffff; },
        [](TreeNode& n) { n.attributes.owner = "root"; },
        [](TreeNode& n) { n.attributes.group = std::string(format::accountNameLimit, 'g'); },
        [](TreeNode& n) { n.attributes.btime = Timestamp{}; },
        [](TreeNode& n) {
            n.attributes.btime = Timestamp{1, 2};
        },
        [](TreeNode& n) { n.attributes.inodeFlags = 0; },
        [](TreeNode& n) { n.attributes.inodeFlags = 0xffffffff; },
        [](TreeNode& n) {
            n.attributes.xattrs = {{"user.a", {}}, {"user.b", {0, 1, 255}}};
        },
        [](TreeNode& n) {
            n.attributes.xattrs = {{"user.a", Bytes(100'000, 1)}};
        },
        [](TreeNode& n) {
            n.attributes.hardLink = HardLinkGroup{0, ~0ULL};
        },
        [](TreeNode& n) { n.condition = changedWhileRead | unreadable; }};
    for (const auto& change : changes) {
        TreeNode node = nodeOf(EntryType::file);
        change(node);
        EXPECT_NE(node, nodeOf(EntryType::file));
        expectComesBack(node);
    }
}

TEST(TreeNode, TimesOutsideOfUnixHistoryComeBack) {
    const std::int64_t year5000 = 95'617'584'000;
    for (const std::int64_t seconds :
         {std::int64_t{-1}, std::int64_t{-11'644'473'600}, year5000,
          std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
        TreeNode node = nodeOf(EntryType::file);
        node.attributes.mtime = {seconds, 999'999'999};
        node.attributes.btime = node.attributes.mtime;
        expectComesBack(node);
    }
}

TEST(TreeNode, ContentComesBack) {
    TreeNode node = nodeOf(EntryType::file);
    node.attributes.size = 1000;
    node.content.extents = {{400, chunkNumber(1)}, {500, {}}, {100, chunkNumber(2)}};
    expectComesBack(node);
    node.attributes.size = 1001;  // it shrank while it was read
    expectComesBack(node);
    node.content.extents.assign(format::inlineExtentLimit, {1, chunkNumber(3)});
    expectComesBack(node);
    node.content = {{}, chunkNumber(4), format::listDepthLimit};
    expectComesBack(node);
}

TEST(TreeNode, StreamsComeBackInTheirOrder) {
    TreeNode node = nodeOf(EntryType::folder);
    node.streams = {
        {NamedStream::Kind::alternateData, "b", 7, {}},
        {NamedStream::Kind::xattr, "user.a", 1 << 20, {{{1 << 20, chunkNumber(1)}}, {}, 0}},
        {NamedStream::Kind::xattr, "a", 9, {{}, chunkNumber(2), 1}}};
    expectComesBack(node);
}

TEST(TreeNode, NamesEveryChunkItRefersTo) {
    TreeNode node = nodeOf(EntryType::file);
    node.content.extents = {{1, chunkNumber(1)}, {1, {}}, {1, chunkNumber(2)}};
    node.streams = {{NamedStream::Kind::xattr, "a", 9, {{}, chunkNumber(3), 1}}};
    node.tree = chunkNumber(4);
    std::vector<ChunkId> references;
    node.forEachReference([&](const ChunkId& id) { references.push_back(id); });
    EXPECT_EQ(references,
              (std::vector{chunkNumber(1), chunkNumber(2), chunkNumber(3), chunkNumber(4)}));
}

// The format is for ever: docs/formats/tree.md.
TEST(TreeNode, HasItsKnownForm) {
    TreeNode node = nodeOf(EntryType::file, "a");
    node.attributes.size = 300;
    node.content.extents = {{300, {}}};
    node.attributes.mode = 0644;
    node.attributes.uid = 5;
    node.attributes.mtime = {-1, 2};
    EXPECT_EQ(toHex(node.encode()),
              "0301"
              "61"  // name
              "0701"
              "01"  // type
              "0902"
              "ac02"  // size
              "0b03"
              "00"
              "d904"  // content: a hole
              "1a02"
              "a403"  // mode
              "1c02"
              "0500"  // owner
              "2002"
              "0102");  // modification time
}

TEST(TreeNode, RefusesNamesThatNoEntryCanHave) {
    for (const std::string& name :
         {std::string("."), std::string(".."), std::string("a/b"), std::string("/"),
          std::string("a\0b", 3), std::string(1, '\0'), std::string(format::nameLimit + 1, 'a')}) {
        TreeNode node = nodeOf(EntryType::file, name);
        expectError(ErrorCode::corrupt, [&] { TreeNode::decode(node.encode()); });
    }
}

TEST(TreeNode, RefusesFieldsOutOfOrder) {
    expectRefused(ErrorCode::corrupt,
                  Fields().add(format::typeField, Bytes{1}).add(format::nameField, "a"));
    expectRefused(ErrorCode::corrupt,
                  Fields().add(format::nameField, "a").add(format::nameField, "a"));
    expectRefused(ErrorCode::corrupt, fileFields().add(format::typeField, Bytes{1}));
    expectRefused(ErrorCode::corrupt, fileFields().add(0, Bytes{}));
    expectRefused(ErrorCode::corrupt,
                  fileFields().add(1000, Bytes{}, false).add(999, Bytes{}, false));
    const auto xattr = [](std::string_view name) {
        return wire([&](WireWriter& w) {
            w.sized(name);
            w.sized("value");
        });
    };
    expectRefused(ErrorCode::corrupt, fileFields()
                                          .add(format::xattrField, xattr("b"), false)
                                          .add(format::xattrField, xattr("a"), false));
    expectRefused(ErrorCode::corrupt, fileFields()
                                          .add(format::xattrField, xattr("a"), false)
                                          .add(format::xattrField, xattr("a"), false));
}

TEST(TreeNode, RefusesAnUnknownCriticalField) {
    for (const std::uint64_t number : {20ULL, 1000ULL, ~0ULL >> 1}) {
        expectRefused(ErrorCode::unsupported, fileFields().add(number, "new"));
    }
}

TEST(TreeNode, PassesOverAnUnknownFieldThatIsNotCritical) {
    const TreeNode plain = TreeNode::decode(fileFields().bytes());
    EXPECT_EQ(
        TreeNode::decode(
            fileFields().add(20, Bytes(100'000), false).add(~0ULL >> 1, Bytes{}, false).bytes()),
        plain);
}

TEST(TreeNode, RefusesUnknownNumbers) {
    for (const std::uint8_t type : Bytes{0, 8, 255}) {
        expectRefused(ErrorCode::unsupported, Fields().add(format::typeField, Bytes{type}));
    }
    for (const std::uint8_t encoding : Bytes{0, 2}) {
        expectRefused(ErrorCode::unsupported,
                      Fields().add(format::nameEncodingField, Bytes{encoding}));
    }
    for (const std::uint8_t kind : Bytes{0, 3}) {
        expectRefused(ErrorCode::unsupported,
                      fileFields().add(format::streamField, Bytes{kind, 0, 0, 0}, false));
    }
}

TEST(TreeNode, RefusesValuesOutOfRange) {
    const auto number = [](std::uint64_t value) {
        return wire([&](WireWriter& w) { w.varint(value); });
    };
    expectRefused(ErrorCode::corrupt, Fields().add(format::nameField, "a"));  // without a type
    expectRefused(ErrorCode::corrupt, Fields().add(format::typeField, Bytes{}));
    expectRefused(ErrorCode::corrupt, Fields().add(format::typeField, Bytes{1, 0}));
    expectRefused(ErrorCode::corrupt, fileFields().add(format::modeField, number(010000), false));
    expectRefused(ErrorCode::corrupt, fileFields().add(format::ownerField, number(0), false));
    expectRefused(ErrorCode::corrupt,
                  fileFields().add(format::deviceField, number(1ULL << 32), false));
    expectRefused(ErrorCode::corrupt, fileFields().add(format::inodeFlagsField, Bytes(3), false));
    expectRefused(ErrorCode::corrupt, fileFields().add(format::treeField, Bytes(31)));
    expectRefused(ErrorCode::corrupt, fileFields().add(format::treeField, Bytes(33)));
    expectRefused(ErrorCode::corrupt, fileFields().add(format::linkTargetField,
                                                       Bytes(format::linkTargetLimit + 1, 'x')));
    expectRefused(ErrorCode::corrupt,
                  fileFields().add(format::ownerNamesField, wire([](WireWriter& w) {
                                       w.sized(Bytes(1025));
                                       w.sized("");
                                   }),
                                   false));
    expectRefused(ErrorCode::corrupt,
                  fileFields().add(format::modificationField, wire([](WireWriter& w) {
                                       w.zigzag(0);
                                       w.varint(1'000'000'000);
                                   }),
                                   false));
}

TEST(TreeNode, RefusesContentThatDoesNotAddUp) {
    const auto withContent = [](std::uint64_t size, const Bytes& content) {
        return fileFields()
            .add(format::sizeField, wire([&](WireWriter& w) { w.varint(size); }))
            .add(format::contentField, content);
    };
    const auto holes = [](std::initializer_list<std::uint64_t> lengths) {
        return wire([&](WireWriter& w) {
            w.u8(0);
            for (const std::uint64_t length : lengths) w.varint(length << 1 | 1);
        });
    };
    EXPECT_NO_THROW(TreeNode::decode(withContent(10, holes({4, 6})).bytes()));
    expectRefused(ErrorCode::corrupt, withContent(9, holes({4, 6})));
    expectRefused(ErrorCode::corrupt, withContent(10, holes({0})));
    const std::uint64_t most = 1ULL << 62;
    expectRefused(ErrorCode::corrupt, withContent(~0ULL, holes({most, most, most, most})));
    expectRefused(ErrorCode::corrupt, withContent(~0ULL, holes({most + 1})));
    Bytes tooMany(1 + 65, 3);
    tooMany[0] = 0;
    expectRefused(ErrorCode::corrupt, withContent(~0ULL, tooMany));
    expectRefused(ErrorCode::corrupt, withContent(10, Bytes{2}));        // an unknown form
    expectRefused(ErrorCode::corrupt, withContent(10, Bytes{0, 2, 1}));  // half an id
    Bytes list(34);
    list[0] = 1;
    EXPECT_NO_THROW(TreeNode::decode(withContent(10, list).bytes()));
    list[1] = format::listDepthLimit + 1;
    expectRefused(ErrorCode::corrupt, withContent(10, list));
    list[1] = 0;
    list.push_back(0);
    expectRefused(ErrorCode::corrupt, withContent(10, list));
}

TEST(TreeNode, NoShorterEncodingStandsForTheSameNode) {
    TreeNode node = nodeOf(EntryType::symlink, "name");
    node.attributes.linkTarget = "target";
    node.attributes.owner = "owner";
    node.attributes.mode = 0777;
    node.attributes.uid = 5;
    node.attributes.mtime = {6, 7};
    const Bytes data = node.encode();
    for (std::size_t size = 0; size < data.size(); ++size) {
        SCOPED_TRACE(size);
        // A cut between two fields leaves what parses, but is another node.
        try {
            EXPECT_NE(TreeNode::decode(ByteView(data).first(size)), node);
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::corrupt);
        }
    }
}

}  // namespace
}  // namespace coffer
