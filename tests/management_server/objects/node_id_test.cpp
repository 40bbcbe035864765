#include "management_server/objects/node_id.h"

#include <gtest/gtest.h>

#include "core/base/random.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

const SessionKey session = randomId<SessionKey>();

Bytes suffixOf(const NodeId& node) {
    const Bytes id = encodeNodeId(session, node);
    return {id.begin() + sizeof session.bytes, id.end()};
}

TEST(NodeIds, BeginWithTheSession) {
    const Bytes id = encodeNodeId(session, {"laptop", "/"});
    EXPECT_EQ(SessionKey::from(ByteView(id).first(16)), session);
}

TEST(NodeIds, ComeBack) {
    for (const std::string& path : {std::string("/"), std::string("/a"), std::string("/a/\xff\n/b"),
                                    "/" + std::string(longestNodePath - 1, 'x')}) {
        const NodeId node{"laptop-7", path};
        EXPECT_EQ(decodeNodeId(suffixOf(node)), node);
    }
}

TEST(NodeIds, AreBounded) {
    expectError(ErrorCode::invalidArgument, [] {
        encodeNodeId(session, {"laptop", std::string(longestNodePath + 1, '/')});
    });
    expectError(ErrorCode::invalidArgument, [] {
        decodeNodeId(Bytes(1 << 20, 1));  // an agent of one octet, then the path
    });
}

TEST(NodeIds, ThatAreMadeUpAreRefused) {
    for (const char* path : {"", "a", "/a/..", "/../a", "//", "/a/", "/./a"}) {
        expectError(ErrorCode::invalidArgument, [&] { decodeNodeId(suffixOf({"laptop", path})); });
    }
    expectError(ErrorCode::invalidArgument, [] {
        decodeNodeId(suffixOf({"laptop", std::string("/a\0b", 4)}));
    });
    expectError(ErrorCode::invalidArgument, [] {
        decodeNodeId(suffixOf({std::string(65, 'a'), "/"}));
    });
    for (const Bytes& octets : {Bytes{}, Bytes{5}, Bytes{5, 'a'}, Bytes{0xff, 0xff, 0xff},
                                Bytes{0x80, 0}, Bytes(40, 0xff)}) {
        expectError(ErrorCode::invalidArgument, [&] { decodeNodeId(octets); });
    }
}

TEST(PathsBelow, AreJoined) {
    EXPECT_EQ(pathBelow("/", ""), "/");
    EXPECT_EQ(pathBelow("/a", ""), "/a");
    EXPECT_EQ(pathBelow("/", "b"), "/b");
    EXPECT_EQ(pathBelow("/a", "b/c"), "/a/b/c");
    EXPECT_EQ(pathBelow("/a", "..."), "/a/...");
}

TEST(PathsBelow, StayBelow) {
    for (const std::string& below :
         {std::string(".."), std::string("../x"), std::string("b/../../x"), std::string("/etc"),
          std::string("b//c"), std::string("b/"), std::string("."), std::string("b/./c"),
          std::string("b\0c", 3), std::string(1 << 20, 'x'), std::string(100 << 20, 'x')}) {
        expectError(ErrorCode::invalidArgument, [&] { pathBelow("/a", below); });
    }
}

}  // namespace
}  // namespace coffer
