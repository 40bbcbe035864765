#include "rescue/tree_reader.h"

#include <gtest/gtest.h>

#include <map>

#include "core/base/wire.h"
#include "rescue/content_reader.h"
#include "tests/support/expect_error.h"

namespace coffer::rescue {
namespace {

// The example of docs/formats/tree.md, with the id key of docs/formats/chunking.md.
const char* const helloNode =
    "030968656c6c6f2e747874"
    "070101"
    "090105"
    "0b22000a9ae2a346abf180f51b1607d340dc947d0edf0e7bba21171771f9a610061503de"
    "1a02a403"
    "1c04e807e807"
    "1e0a03616e6e057573657273"
    "200780a8d6b907f403";

DomainKey exampleKey() {
    DomainKey key;
    for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(0x80 + i);
    return key;
}

class MemoryChunks : public ChunkSource {
  public:
    ChunkId add(ChunkKind kind, Bytes octets) {
        const ChunkId id = hasher_.id(kind, octets);
        chunks_[id] = {kind, std::move(octets)};
        return id;
    }
    void remove(const ChunkId& id) { chunks_.erase(id); }

    Bytes read(const ChunkId& id, ChunkKind kind) override {
        const auto found = chunks_.find(id);
        if (found == chunks_.end()) throw Error(ErrorCode::notFound, "no such chunk");
        if (found->second.first != kind) throw Error(ErrorCode::corrupt, "another kind");
        return found->second.second;
    }

  private:
    ChunkHasher hasher_{exampleKey()};
    std::map<ChunkId, std::pair<ChunkKind, Bytes>> chunks_;
};

Bytes field(std::uint64_t tag, const Bytes& value) {
    WireWriter out;
    out.varint(tag);
    out.sized(value);
    return out.take();
}

Bytes fileNode(const std::string& name) {
    Bytes node = field(3, toBytes(bytesOf(name)));
    append(node, field(7, {1}));
    return node;
}

Bytes treeChunk(std::uint8_t form, const std::vector<Bytes>& nodes) {
    WireWriter out;
    out.u8(1);
    out.u8(form);
    out.varint(nodes.size());
    for (const Bytes& node : nodes) out.sized(node);
    return out.take();
}

class Trees : public testing::Test {
  protected:
    std::string namesIn(const ChunkId& tree, bool releasing = false) {
        problems.clear();
        FolderReader reader(chunks, tree,
                            [this](const std::string& line) { problems += line + "\n"; });
        std::string names;
        while (const auto node = reader.next()) {
            names += node->name + " ";
            if (releasing) reader.release();
        }
        return names;
    }

    // Two segments; "hello.txt" and "b" belong into the first, "a" into the second.
    ChunkId segmented(const Bytes& first, std::uint64_t entries, const Bytes& second) {
        WireWriter out;
        out.u8(1);
        out.u8(2);
        out.u8(1);
        out.raw(chunks.add(ChunkKind::tree, first).view());
        out.varint(entries);
        out.raw(chunks.add(ChunkKind::tree, second).view());
        out.varint(1);
        return chunks.add(ChunkKind::tree, out.take());
    }

    MemoryChunks chunks;
    std::string problems;
};

TEST_F(Trees, TheDocumentedExampleIsRead) {
    const Bytes octets = fromHex(helloNode);
    EXPECT_EQ(octets.size(), 84U);
    const ChunkId tree = chunks.add(ChunkKind::tree, treeChunk(0, {octets}));
    EXPECT_EQ(tree.hex(), "c73febfd7047dfbec14a256bca9b729bbe09df0e5e83cf14d303a9b52a1fd913");
    FolderReader reader(chunks, tree, [](const std::string& line) { ADD_FAILURE() << line; });
    const auto node = reader.next();
    ASSERT_TRUE(node);
    EXPECT_EQ(node->name, "hello.txt");
    EXPECT_EQ(node->attributes.mode, 0644U);
    EXPECT_EQ(node->attributes.uid, 1000U);
    EXPECT_EQ(node->attributes.group, "users");
    EXPECT_EQ(node->attributes.mtime, (Timestamp{1'000'000'000, 500}));
    EXPECT_FALSE(reader.next());
    const ChunkId data = chunks.add(ChunkKind::data, toBytes(bytesOf("hello")));
    EXPECT_EQ(data, node->content.extents.at(0).chunk);
    EXPECT_EQ(textOf(readWhole(chunks, node->content, 5, 100)), "hello");
}

TEST_F(Trees, HostileNodesAreRefused) {
    const auto refused = [](ErrorCode code, const Bytes& octets) {
        expectError(code, [&] { readNode(octets); });
    };
    const auto with = [](const Bytes& more) {
        Bytes node = field(7, {1});
        append(node, more);
        return node;
    };
    readNode(with({}));
    readNode(with(field(40, {1})));
    refused(ErrorCode::unsupported, with(field(41, {1})));
    refused(ErrorCode::corrupt, {});
    refused(ErrorCode::corrupt, fileNode("."));
    refused(ErrorCode::corrupt, fileNode(".."));
    refused(ErrorCode::corrupt, fileNode("a/b"));
    refused(ErrorCode::corrupt, fileNode(std::string(1, '\0')));
    refused(ErrorCode::corrupt, fileNode(std::string(4097, 'x')));
    refused(ErrorCode::unsupported, field(7, {8}));
    refused(ErrorCode::corrupt, with(field(7, {1})));
    refused(ErrorCode::corrupt, with(field(3, {'a'})));
    refused(ErrorCode::corrupt, with(field(9, {5, 0})));
    refused(ErrorCode::corrupt, with(field(0x0b, {0, 0x81, 0x40})));  // longer than its size
    refused(ErrorCode::corrupt, with(field(0x0b, {2})));
    refused(ErrorCode::corrupt, with({0x1a, 0xff, 0xff, 0xff, 0x7f}));
    refused(ErrorCode::corrupt, with(field(0x1a, {0x80, 0x20})));  // mode 010000
}

TEST_F(Trees, NoPrefixOfANodeBreaksTheReader) {
    const Bytes octets = fromHex(helloNode);
    for (std::size_t size = 0; size < octets.size(); ++size) {
        errorOf([&] { readNode(ByteView(octets).first(size)); });
    }
}

TEST_F(Trees, SegmentsAreGoneThroughInTurn) {
    const Bytes first = treeChunk(1, {fileNode("b"), fileNode("hello.txt")});
    const Bytes second = treeChunk(1, {fileNode("a")});
    const ChunkId tree = segmented(first, 2, second);
    EXPECT_EQ(namesIn(tree), "b hello.txt a ");
    EXPECT_EQ(problems, "");
    EXPECT_EQ(namesIn(tree, true), "b hello.txt a ");
    EXPECT_EQ(problems, "");
    Node root;
    root.attributes.type = EntryType::folder;
    root.tree = tree;
    EXPECT_EQ(nodeAt(chunks, root, "/hello.txt").name, "hello.txt");
    expectError(ErrorCode::notFound, [&] { nodeAt(chunks, root, "/hello"); });
}

TEST_F(Trees, DamagedSegmentsCostOnlyTheirEntries) {
    const Bytes first = treeChunk(1, {fileNode("b"), fileNode("hello.txt")});
    const Bytes second = treeChunk(1, {fileNode("a")});
    const ChunkId tree = segmented(first, 2, second);
    chunks.remove(ChunkHasher(exampleKey()).id(ChunkKind::tree, first));
    EXPECT_EQ(namesIn(tree), "a ");
    EXPECT_NE(problems.find("2 entries are lost"), std::string::npos);
    EXPECT_EQ(namesIn(segmented(second, 1, first)), "");  // none is in its own segment
    EXPECT_EQ(namesIn(segmented(treeChunk(0, {}), 1, second)), "a ");
    EXPECT_NE(problems, "");
    EXPECT_EQ(namesIn(segmented(first, 3, second)), "b hello.txt a ");
    EXPECT_NE(problems.find("another number"), std::string::npos);
}

TEST_F(Trees, HostileTreesAreRefused) {
    const auto refused = [&](const Bytes& octets) {
        expectError(ErrorCode::corrupt, [&] { namesIn(chunks.add(ChunkKind::tree, octets)); });
    };
    refused({});
    refused({1, 3, 0});
    refused({1, 1, 0});
    refused({1, 0, 0xff, 0xff, 0x03});
    refused({1, 2, 31});
    refused({1, 2, 1, 0});
    for (const std::uint8_t version : Bytes{0, 2}) {
        expectError(ErrorCode::unsupported, [&] {
            namesIn(chunks.add(ChunkKind::tree, {version, 0, 0}));
        });
    }
    const auto outOfOrder = treeChunk(0, {fileNode("b"), fileNode("a"), fileNode("c")});
    EXPECT_EQ(namesIn(chunks.add(ChunkKind::tree, outOfOrder)), "b c ");
    EXPECT_NE(problems, "");
}

TEST_F(Trees, ListsLeadToAllOfAContent) {
    WireWriter low;
    low.u8(1);
    low.u8(0);
    low.varint(2);
    low.varint(3 * 2 + 1);
    low.varint(5 * 2);
    low.raw(chunks.add(ChunkKind::data, toBytes(bytesOf("hello"))).view());
    const ChunkId lowId = chunks.add(ChunkKind::list, low.take());
    const auto high = [&](std::uint64_t length) {
        WireWriter out;
        out.u8(1);
        out.u8(1);
        out.varint(2);
        for (const auto part : {std::uint64_t{8}, length}) {
            out.varint(part * 2);
            out.raw(lowId.view());
        }
        Content content;
        content.list = chunks.add(ChunkKind::list, out.take());
        content.depth = 1;
        return content;
    };
    using namespace std::string_view_literals;
    EXPECT_EQ(textOf(readWhole(chunks, high(8), 16, 100)), "\0\0\0hello\0\0\0hello"sv);
    expectError(ErrorCode::corrupt, [&] { readWhole(chunks, high(9), 17, 100); });
    expectError(ErrorCode::corrupt, [&] { readWhole(chunks, high(8), 15, 100); });
    expectError(ErrorCode::corrupt, [&] { readWhole(chunks, high(8), 17, 100); });
    expectError(ErrorCode::limitExceeded, [&] { readWhole(chunks, high(8), 16, 15); });
    Content wrongDepth = high(8);
    wrongDepth.depth = 2;
    expectError(ErrorCode::corrupt, [&] { readWhole(chunks, wrongDepth, 16, 100); });
}

}  // namespace
}  // namespace coffer::rescue
