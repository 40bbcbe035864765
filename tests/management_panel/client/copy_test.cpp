#include "management_panel/client/copy.h"

#include <gtest/gtest.h>

#include <boost/filesystem.hpp>

#include "core/trust/private_file.h"
#include "management_panel/client/agent_end.h"
#include "management_panel/client/connection.h"
#include "management_panel/client/local_end.h"
#include "management_panel/client/read_ahead.h"
#include "tests/management_panel/client/fake_orb.h"
#include "tests/management_panel/client/fake_server.h"
#include "tests/support/expect_error.h"
#include "tests/support/scratch_folder.h"

namespace coffer::client {
namespace {

class Copy : public testing::Test {
  protected:
    CopyResult toHere(const std::string& from, const std::string& to, bool recursive = false) {
        return copyThrough(agent_, from, local_, scratch_ / to, recursive, calls(), cancel_);
    }
    CopyResult toAgent(const std::string& from, const std::string& to, bool recursive = false) {
        return copyThrough(local_, scratch_ / from, agent_, to, recursive, calls(), cancel_);
    }
    CopyCalls calls() {
        return {[this](const std::string& path, const Error& error) {
                    problems_.push_back(path + " " + std::string(nameOf(error.code())));
                },
                {}};
    }

    fake::Server server_{fake::orb()};
    const std::shared_ptr<fake::Tree> files_ = server_.addAgent("laptop");
    const Coffer::Session_var session_ = server_.session();
    Connection connection_{session_.in()};
    AgentEnd agent_{AgentTree(connection_.agents(), "laptop")};
    LocalEnd local_;
    ScratchFolder scratch_;
    CancelToken cancel_;
    std::vector<std::string> problems_;
};

TEST_F(Copy, bringsAFileHereAndBack) {
    const std::string content(2 * pieceLength + 5, 'x');
    files_->addFile("/a", content);
    EXPECT_EQ(toHere("/a", "a").bytes, content.size());
    const CopyResult result = toAgent("a", "/b");
    EXPECT_EQ(result.files, 1U);
    EXPECT_EQ(files_->at("/b"), content);
}

TEST_F(Copy, takesFoldersWithEverythingInThem) {
    files_->addFolder("/d");
    files_->addFolder("/d/sub");
    files_->addFile("/d/sub/f", "1");
    files_->addFile("/d/g", "22");
    files_->add("/d/pipe", {"fifo", ""});
    const CopyResult result = toHere("/d", "d", true);
    EXPECT_EQ(result.files, 2U);
    EXPECT_EQ(result.folders, 2U);
    EXPECT_EQ(result.bytes, 3U);
    EXPECT_EQ(result.problems, 1U);
    EXPECT_EQ(problems_, std::vector<std::string>{"/d/pipe unsupported"});
    EXPECT_EQ(readTextFile(scratch_ / "d/sub/f"), "1");
    EXPECT_EQ(toAgent("d", "/e", true).files, 2U);
    EXPECT_EQ(files_->at("/e/g"), "22");
}

TEST_F(Copy, replacesNothing) {
    files_->addFile("/a", "theirs");
    writePrivateFile(scratch_ / "a", "mine");
    expectError(ErrorCode::alreadyExists, [&] { toHere("/a", "a"); });
    expectError(ErrorCode::alreadyExists, [&] { toAgent("a", "/a"); });
    EXPECT_EQ(readTextFile(scratch_ / "a"), "mine");
    EXPECT_EQ(files_->at("/a"), "theirs");
}

TEST_F(Copy, refusesWhatItDoesNotCopy) {
    files_->addFolder("/d");
    files_->add("/p", {"fifo", ""});
    expectError(
        ErrorCode::invalidArgument, [&] { toHere("/d", "d"); }, "-r copies it");
    expectError(ErrorCode::invalidArgument, [&] { toHere("/p", "p"); });
    expectError(ErrorCode::notFound, [&] { toHere("/n", "n"); });
    expectError(ErrorCode::notFound, [&] { toAgent("n", "/n"); });
}

TEST_F(Copy, takesAwayWhatItDidNotFinish) {
    files_->addFile("/a", std::string(3 * pieceLength, 'x'));
    CopyCalls stopping = calls();
    stopping.progress = [&](const CopyResult&) { cancel_.request(); };
    expectError(ErrorCode::cancelled, [&] {
        copyThrough(agent_, "/a", local_, scratch_ / "a", false, stopping, cancel_);
    });
    EXPECT_FALSE(boost::filesystem::exists(scratch_ / "a"));
}

// The other side of a copy must not write anywhere else, whatever names an agent makes up.
TEST_F(Copy, refusesNamesThatLeadOutOfAFolder) {
    files_->addFolder("/d");
    for (const char* name : {"..", "."}) {
        files_->addFile("/d/" + std::string(name), "evil");
        expectError(ErrorCode::invalidArgument,
                    [&] { toHere("/d", "d" + std::string(name), true); });
        files_->erase("/d/" + std::string(name), true);
    }
}

}  // namespace
}  // namespace coffer::client
