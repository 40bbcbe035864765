#include "tests/support/nasty_tree.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "core/source/file_system_source.h"
#include "tests/support/expect_error.h"
#include "tests/support/scratch_folder.h"

namespace coffer {
namespace {

/// Names, kinds, sizes and times of all that is below, without the order of the list.
std::vector<std::string> describe(DataSource& source, const std::string& top) {
    std::vector<std::string> lines;
    std::vector<std::string> todo{""};
    while (!todo.empty()) {
        const std::string path = todo.back();
        todo.pop_back();
        const auto folder = source.openFolder(top + path);
        folder->list([&](std::string_view name) {
            const Stat stat = folder->stat(std::string(name)).value();
            const bool isFolder = stat.type == EntryType::folder;
            if (isFolder) todo.push_back(path + "/" + stat.name);
            lines.push_back(path + "/" + stat.name + " " + std::to_string(stat.mode) + " " +
                            std::to_string(isFolder ? 0 : stat.size) + " " +
                            std::to_string(stat.links) + " " + std::to_string(stat.uid) + " " +
                            std::to_string(stat.mtime.nanoseconds));
        });
    }
    std::sort(lines.begin(), lines.end());
    return lines;
}

class NastyTreeTest : public testing::Test {
  protected:
    void SetUp() override {
        if (::geteuid() != 0) GTEST_SKIP() << "not root";
    }
    std::vector<std::string> describeTree(unsigned seed) {
        const std::string tree = scratch / "tree";
        makeNastyTree(tree, 600, seed);
        const auto lines = describe(source, tree);
        removeTree(tree);
        EXPECT_FALSE(std::filesystem::exists(tree));
        return lines;
    }
    ScratchFolder scratch;
    FileSystemSource source;
};

TEST_F(NastyTreeTest, SameSeedSameTree) {
    const auto first = describeTree(3);
    EXPECT_EQ(first, describeTree(3));
    EXPECT_NE(first, describeTree(4));
}

TEST_F(NastyTreeTest, RemovingNothingIsFine) {
    EXPECT_NO_THROW(removeTree(scratch / "none"));
}

}  // namespace
}  // namespace coffer
