#include "management_panel/client/agent_tree.h"

#include <gtest/gtest.h>

#include "core/rpc/convert.h"
#include "management_panel/client/connection.h"
#include "management_panel/client/pages.h"
#include "tests/management_panel/client/fake_orb.h"
#include "tests/management_panel/client/fake_server.h"
#include "tests/support/expect_error.h"

namespace coffer::client {
namespace {

class AgentTreeTest : public testing::Test {
  protected:
    AgentTree tree() { return {connection_.agents(), "laptop"}; }

    fake::Server server_{fake::orb()};
    const std::shared_ptr<fake::Tree> files_ = server_.addAgent("laptop");
    const Coffer::Session_var session_ = server_.session();
    Connection connection_{session_.in()};
};

TEST_F(AgentTreeTest, listsAFolderOfAnyLength) {
    files_->addFolder("/many");
    const std::size_t count = 2 * pageLength + 3;
    for (std::size_t i = 0; i < count; ++i) files_->addFile("/many/" + std::to_string(i), "");
    std::set<std::string> names;
    tree().list("/many",
                [&](const Coffer::Entry& entry) { names.insert(rpc::textOf(entry.name)); });
    EXPECT_EQ(names.size(), count);
}

TEST_F(AgentTreeTest, knowsWhatIsThere) {
    files_->addFile("/a", "text");
    EXPECT_EQ(tree().stat("/a")->size, 4);
    EXPECT_STREQ(tree().stat("/")->kind, "folder");
    EXPECT_FALSE(tree().look("/b"));
    expectError(
        ErrorCode::notFound, [&] { tree().stat("/b"); }, "/b");
    expectError(
        ErrorCode::invalidArgument, [&] { tree().folder("/a"); }, "/a: is no folder");
    expectError(
        ErrorCode::invalidArgument, [&] { tree().file("/"); }, "is no regular file");
}

TEST_F(AgentTreeTest, makesFilesAndFolders) {
    tree().createFolder("/new");
    const Coffer::File_var file = tree().createFile("/new/file");
    file->write(0, rpc::toOctets(bytesOf("hello")));
    EXPECT_EQ(files_->at("/new/file"), "hello");
    EXPECT_EQ(textOf(rpc::viewOf(*readPiece(file, 1, 3))), "ell");
    expectError(ErrorCode::alreadyExists, [&] { tree().createFile("/new/file"); });
    expectError(ErrorCode::notFound, [&] { tree().createFolder("/other/deep"); });
}

TEST_F(AgentTreeTest, unknownAndAbsentAgents) {
    server_.agents["desk"] = nullptr;
    expectError(
        ErrorCode::notFound, [&] { AgentTree(connection_.agents(), "x\n"); }, "x\\x0a");
    expectError(ErrorCode::unavailable, [&] { AgentTree(connection_.agents(), "desk"); });
}

TEST_F(AgentTreeTest, anEndedSessionAsksToLogInAgain) {
    server_.sessionEnded = true;
    expectError(ErrorCode::loginAgain, [&] { connection_.agents(); });
}

TEST(PathParts, parentsAndNames) {
    EXPECT_EQ(parentOf("/a/b"), "/a");
    EXPECT_EQ(parentOf("/a"), "/");
    EXPECT_EQ(lastPartOf("/a/b"), "b");
}

}  // namespace
}  // namespace coffer::client
