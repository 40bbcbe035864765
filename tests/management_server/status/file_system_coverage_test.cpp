#include "management_server/status/file_system_coverage.h"

#include <gtest/gtest.h>

namespace coffer {
namespace {

std::vector<AgentFileSystem> disks() {
    return fileSystemsIn({{"filesystem-01", "ext4 1000 /"},
                          {"filesystem-02", "xfs 2000 /home"},
                          {"filesystem-03", "ext4 3000 /srv/my data"}});
}

std::string bare(const std::vector<CoveringPath>& paths) {
    std::string text;
    for (const AgentFileSystem& each : uncovered(disks(), paths)) text += each.mountPoint + ";";
    return text;
}

TEST(FileSystemCoverage, ReadsTheFactsOfAnAgent) {
    const auto found = disks();
    ASSERT_EQ(found.size(), 3U);
    EXPECT_EQ(found[2], (AgentFileSystem{"ext4", 3'000, "/srv/my data"}));
}

TEST(FileSystemCoverage, PassesOverWhatIsNone) {
    EXPECT_TRUE(fileSystemsIn({{"filesystem-1", ""},
                               {"filesystem-2", "ext4"},
                               {"filesystem-3", "ext4 many /"},
                               {"filesystem-4", "ext4 -1 /"},
                               {"filesystem-5", "ext4 99999999999999999999999 /"},
                               {"filesystem-6", "ext4 5 home"},
                               {"filesystem-7", " 5 /"},
                               {"filesystem-8", "ext4 5 "},
                               {"host", "ext4 5 /"}})
                    .empty());
}

TEST(FileSystemCoverage, IsATable) {
    struct Row {
        std::vector<CoveringPath> paths;
        const char* bare;
    };
    for (const Row& row : std::vector<Row>{
             {{}, "/;/home;/srv/my data;"},
             {{{"/"}}, ""},
             {{{"/", true}}, "/home;/srv/my data;"},
             {{{"/home/ann"}}, "/;/srv/my data;"},
             {{{"/etc"}}, "/home;/srv/my data;"},
             {{{"/srv"}}, "/home;"},
             {{{"/srv", true}}, "/home;/srv/my data;"},
             {{{"/homeless"}}, "/home;/srv/my data;"},
             {{{"/srv/my data/x"}, {"/home"}, {"/boot"}}, ""},
         }) {
        EXPECT_EQ(bare(row.paths), row.bare);
    }
}

}  // namespace
}  // namespace coffer
