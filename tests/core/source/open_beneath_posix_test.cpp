#include "core/source/open_beneath.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "tests/support/expect_error.h"
#include "tests/support/nasty_tree.h"

namespace coffer {
namespace {

using Open = UniqueFd (*)(int base, std::string_view path);

class OpenBeneathTest : public testing::TestWithParam<Open> {
  protected:
    OpenBeneathTest() : base_(openOrMakeFolder(path_ + "/base")) {
        openOrMakeFolder(path_ + "/base/a/b/c");
        UniqueFd(::openat(base_.get(), "file", O_CREAT | O_WRONLY, 0600));
        EXPECT_EQ(::symlinkat("b", openFolderBeneath(base_.get(), "a").get(), "link"), 0);
    }
    ~OpenBeneathTest() override { removeTree(path_); }

    UniqueFd open(std::string_view path) { return GetParam()(base_.get(), path); }

    const std::string path_ = [] {
        std::string name = testing::TempDir() + "coffer-beneath-XXXXXX";
        if (::mkdtemp(name.data()) == nullptr) throw Error::fromErrno(errno, "mkdtemp");
        return name;
    }();
    UniqueFd base_;
};

TEST_P(OpenBeneathTest, opensFolders) {
    EXPECT_TRUE(open(""));
    EXPECT_EQ(::faccessat(open("a/b").get(), "c", F_OK, 0), 0);
    EXPECT_EQ(::faccessat(open("").get(), "a", F_OK, 0), 0);
}

TEST_P(OpenBeneathTest, followsNoSymlink) {
    expectError(
        ErrorCode::conflict, [&] { open("a/link"); }, "a/link is a symlink");
    expectError(ErrorCode::conflict, [&] { open("a/link/c"); });
}

TEST_P(OpenBeneathTest, wantsFolders) {
    expectError(ErrorCode::notFound, [&] { open("a/none"); });
    expectError(ErrorCode::notFound, [&] { open("file"); });
    expectError(ErrorCode::notFound, [&] { open("file/x"); });
    expectError(ErrorCode::invalidArgument, [&] { open(std::string(300, 'x')); });
}

TEST_P(OpenBeneathTest, pathsLongerThanTheSystemTakes) {
    std::string path;
    for (int i = 0; i < 50; ++i) path += (i == 0 ? "" : "/") + std::string(250, 'y');
    openOrMakeFolder(path_ + "/base/" + path + "/end");
    EXPECT_EQ(::faccessat(open(path).get(), "end", F_OK, 0), 0);
}

INSTANTIATE_TEST_SUITE_P(Openat2, OpenBeneathTest, testing::Values(openFolderBeneath));
INSTANTIATE_TEST_SUITE_P(ByParts, OpenBeneathTest, testing::Values(openFolderBeneathByParts));

}  // namespace
}  // namespace coffer
