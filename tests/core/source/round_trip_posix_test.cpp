// What the source reads and the target writes, judged by a witness that knows neither of them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "core/source/file_system_source.h"
#include "core/source/file_system_target.h"
#include "tests/support/nasty_tree.h"
#include "tools/tree_compare/tree_compare.h"

namespace coffer {
namespace {

// Copies a tree in the order a restore has: folders closed when all in them is done.
class Copy {
  public:
    Copy(const std::string& from, RestoreTarget& target) : from_(from), target_(target) {
        copyFolder("");
    }

    std::vector<std::string> refused;

  private:
    void copyFolder(const std::string& path) {
        const auto folder = source_.openFolder(path.empty() ? from_ : from_ + '/' + path);
        std::vector<std::string> names;
        folder->list([&](std::string_view name) { names.emplace_back(name); });
        for (const auto& name : names) {
            copyEntry(*folder, *folder->stat(name), path.empty() ? name : path + '/' + name);
        }
        take(target_.finishFolder(path, attributesOf(folder->statSelf(), folder->detailsSelf())));
    }

    void copyEntry(Folder& folder, const Stat& stat, const std::string& path) {
        if (stat.type == EntryType::folder) {
            target_.makeFolder(path);
            copyFolder(path);
            return;
        }
        const auto [first, isNew] = inodes_.try_emplace({stat.device, stat.inode}, path);
        if (stat.links > 1 && !isNew) {
            target_.link(first->second, path);
        } else if (stat.type == EntryType::file) {
            copyFile(*folder.open(stat), stat, path);
        } else {
            take(target_.makeSpecial(path, attributesOf(stat, folder.details(stat))));
        }
    }

    void copyFile(FileReader& reader, const Stat& stat, const std::string& path) {
        const auto attributes = attributesOf(stat, reader.details());
        const auto writer = target_.createFile(path, attributes);
        std::uint64_t offset = 0;
        for (auto region = reader.regionAt(0); region.length > 0;
             region = reader.regionAt(offset)) {
            if (!region.hole) {
                Bytes data(std::min<std::uint64_t>(region.length, 1 << 20));
                data.resize(reader.readAt(offset, data));
                writer->writeAt(offset, data);
                region.length = data.size();
            }
            offset += region.length;
        }
        take(writer->finish(attributes));
    }

    void take(const std::vector<std::string>& lines) {
        refused.insert(refused.end(), lines.begin(), lines.end());
    }

    const std::string from_;
    RestoreTarget& target_;
    FileSystemSource source_;
    std::map<HardLinkGroup, std::string> inodes_;
};

TEST(RoundTripTest, aNastyTreeComesBackToTheLastAttribute) {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
    std::string base = testing::TempDir() + "coffer-round-XXXXXX";
    ASSERT_NE(::mkdtemp(base.data()), nullptr);
    makeNastyTree(base + "/from", 600, 7);
    FileSystemTarget target(base + "/to");
    EXPECT_THAT(Copy(base + "/from", target).refused, testing::IsEmpty());
    target.sync();
    std::vector<std::string> differences;
    const auto result = compareTrees(base + "/from", base + "/to", {},
                                     [&](const std::string& line) { differences.push_back(line); });
    EXPECT_THAT(differences, testing::IsEmpty());
    EXPECT_GT(result.entries, 400u);
    removeTree(base);
}

}  // namespace
}  // namespace coffer
