// How files of a file system are put in place.

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "core/agent/file_tree.h"
#include "tests/support/expect_error.h"
#include "tests/support/scratch_folder.h"

namespace coffer {
namespace {

namespace fs = std::filesystem;

class Placing : public testing::Test {
  protected:
    void put(const std::string& name, const std::string& text) {
        std::ofstream(scratch_ / name, std::ios::binary) << text;
    }

    std::string content(const std::string& name) {
        std::ifstream file(scratch_ / name, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    ObjectEntry settle(const std::string& from, const std::string& to,
                       const std::optional<ObjectEntry>& replaced = {}) {
        const ObjectTree::Look look{Timestamp{1'000, 7}, 06751};
        return tree_.settle(scratch_ / from, scratch_ / to, look, replaced);
    }

    ScratchFolder scratch_;
    CancelToken cancel_;
    FileTree tree_{cancel_};
};

TEST_F(Placing, AFileGetsItsLookAndThenItsName) {
    put("temporary", "text");
    const ObjectEntry entry = settle("temporary", "f");
    EXPECT_EQ(entry.modified, (Timestamp{1'000, 7}));
    EXPECT_EQ(entry.mode, 0751U);  // nobody's rights are lent
    EXPECT_EQ(content("f"), "text");
    EXPECT_FALSE(fs::exists(scratch_ / "temporary"));
}

TEST_F(Placing, WhatIsThereIsReplacedOnlyAsItWasSeen) {
    put("f", "old");
    put("temporary", "new");
    expectError(ErrorCode::alreadyExists, [&] { settle("temporary", "f"); });
    const ObjectEntry seen = tree_.stat(scratch_ / "f");
    put("f", "older");
    expectError(ErrorCode::conflict, [&] { settle("temporary", "f", seen); });
    EXPECT_EQ(content("f"), "older");
    settle("temporary", "f", tree_.stat(scratch_ / "f"));
    EXPECT_EQ(content("f"), "new");
    put("temporary", "x");
    expectError(ErrorCode::notFound, [&] { settle("temporary", "gone", seen); });
}

TEST_F(Placing, ItBelongsToWhomTheOneBeforeDid) {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
    put("f", "old");
    ASSERT_EQ(::chown((scratch_ / "f").c_str(), 1234, 2345), 0);
    put("temporary", "new");
    settle("temporary", "f", tree_.stat(scratch_ / "f"));
    EXPECT_EQ(tree_.stat(scratch_ / "f").more.at("uid"), "1234");
    EXPECT_EQ(tree_.stat(scratch_ / "f").more.at("gid"), "2345");
    EXPECT_EQ(tree_.stat(scratch_ / "f").mode, 0751U);
    fs::create_directory(scratch_ / "d");
    ASSERT_EQ(::chown((scratch_ / "d").c_str(), 1234, 2345), 0);
    put("temporary", "new");
    settle("temporary", "d/g");
    EXPECT_EQ(tree_.stat(scratch_ / "d/g").more.at("uid"), "1234");
}

TEST_F(Placing, OfAnEntryThatStaysTheLookAloneChanges) {
    put("f", "text");
    settle("f", "f");
    EXPECT_EQ(tree_.stat(scratch_ / "f").mode, 0751U);
    ObjectTree::Look mode{{}, 0600};
    tree_.settle(scratch_ / "f", scratch_ / "f", mode, {});
    EXPECT_EQ(tree_.stat(scratch_ / "f").modified, (Timestamp{1'000, 7}));
    ObjectEntry other = tree_.stat(scratch_ / "f");
    other.size = 99;
    expectError(ErrorCode::conflict, [&] { settle("f", "f", other); });
}

TEST_F(Placing, AFurtherNameOfAFileIsNotGivenAway) {
    put("precious", "text");
    ::chmod((scratch_ / "precious").c_str(), 0600);
    fs::create_hard_link(scratch_ / "precious", scratch_ / "temporary");
    expectError(ErrorCode::conflict, [&] { settle("temporary", "f"); });
    EXPECT_EQ(tree_.stat(scratch_ / "precious").mode, 0600U);
}

TEST_F(Placing, OfAFolderTheKindAloneMayBeWanted) {
    fs::create_directory(scratch_ / "d");
    put("f", "text");
    ::chmod((scratch_ / "f").c_str(), 0600);
    ObjectEntry folder;
    folder.kind = "folder";
    settle("d", "d", folder);
    EXPECT_EQ(tree_.stat(scratch_ / "d").mode, 0751U);
    expectError(ErrorCode::conflict, [&] { settle("f", "f", folder); });
    EXPECT_EQ(tree_.stat(scratch_ / "f").mode, 0600U);
}

TEST_F(Placing, ALinkIsNeverFollowed) {
    put("outside", "text");
    ::chmod((scratch_ / "outside").c_str(), 0600);
    tree_.createLink(scratch_ / "temporary", "outside");
    settle("temporary", "l");
    EXPECT_EQ(fs::read_symlink(scratch_ / "l"), "outside");
    EXPECT_EQ(tree_.stat(scratch_ / "l").modified, (Timestamp{1'000, 7}));
    EXPECT_EQ(tree_.stat(scratch_ / "outside").mode, 0600U);
    expectError(ErrorCode::alreadyExists, [&] { tree_.createLink(scratch_ / "l", "x"); });
    expectError(ErrorCode::invalidArgument, [&] { tree_.createLink(scratch_ / "m", ""); });
}

TEST_F(Placing, TheOctetsOfALinkAreTold) {
    tree_.createLink(scratch_ / "l", "a\xff");
    EXPECT_EQ(tree_.stat(scratch_ / "l").more.at("link-target-hex"), "61ff");
    tree_.createLink(scratch_ / "m", "plain");
    EXPECT_FALSE(tree_.stat(scratch_ / "m").more.contains("link-target-hex"));
}

TEST_F(Placing, ErasesWhatStillLooksAsItDid) {
    put("f", "text");
    const ObjectEntry seen = tree_.stat(scratch_ / "f");
    put("f", "changed");
    expectError(ErrorCode::conflict, [&] { tree_.eraseAs(scratch_ / "f", seen); });
    tree_.eraseAs(scratch_ / "f", tree_.stat(scratch_ / "f"));
    EXPECT_FALSE(fs::exists(scratch_ / "f"));
    fs::create_directory(scratch_ / "d");
    EXPECT_THROW(tree_.eraseAs(scratch_ / "d", tree_.stat(scratch_ / "d")), Error);
    EXPECT_TRUE(fs::exists(scratch_ / "d"));
}

TEST_F(Placing, FlushWantsAFolder) {
    tree_.flush(scratch_.path());
    put("f", "x");
    EXPECT_THROW(tree_.flush(scratch_ / "f"), Error);
}

}  // namespace
}  // namespace coffer
