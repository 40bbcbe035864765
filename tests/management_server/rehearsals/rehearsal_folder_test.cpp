#include "management_server/rehearsals/rehearsal_folder.h"

#include <gtest/gtest.h>

#include <boost/filesystem.hpp>
#include <optional>

#include "tests/support/scratch_folder.h"
#include "tests/support/tree_builder.h"

namespace coffer {
namespace {

namespace fs = boost::filesystem;

TEST(RehearsalFolder, IsMadeAndRemovedWithAllInIt) {
    const ScratchFolder scratch;
    const std::string parent = scratch / "some/where";
    {
        const RehearsalFolder folder(parent);
        EXPECT_TRUE(fs::path(folder.path()).parent_path() == parent);
        EXPECT_EQ(fs::status(folder.path()).permissions(), fs::owner_all);
        TreeBuilder tree(folder.path());
        tree.folder("a");
        tree.file("a/b", bytesOf("content"));
        tree.deepFolders("deep", std::string(200, 'x'), 40);  // longer than PATH_MAX
    }
    EXPECT_TRUE(fs::exists(parent));
    EXPECT_TRUE(fs::is_empty(parent));
}

TEST(RehearsalFolder, RemovesWhatAKilledProgramLeftAndNothingElse) {
    const ScratchFolder scratch;
    const std::string left = scratch / ("rehearsal-" + std::string(32, 'a'));
    const std::string other = scratch / "rehearsal-notes";
    fs::create_directories(left + "/data");
    fs::create_directories(other);
    const RehearsalFolder alive(scratch.path());
    EXPECT_FALSE(fs::exists(left));
    EXPECT_TRUE(fs::exists(other));
    const RehearsalFolder beside(scratch.path());
    EXPECT_TRUE(fs::exists(alive.path()));
    EXPECT_TRUE(fs::exists(beside.path()));
}

TEST(RehearsalFolder, NothingToClearIsNoFailure) {
    const ScratchFolder scratch;
    RehearsalFolder::clear(scratch / "not there");
}

}  // namespace
}  // namespace coffer
