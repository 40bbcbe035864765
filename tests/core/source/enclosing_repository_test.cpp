#include "core/source/enclosing_repository.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "core/source/file_system_target.h"
#include "tests/support/expect_error.h"
#include "tests/support/scratch_folder.h"

namespace coffer {
namespace {

class EnclosingRepository : public testing::Test {
  protected:
    EnclosingRepository() {
        std::filesystem::create_directories(scratch_ / "repo/packs");
        std::filesystem::create_directories(scratch_ / "other");
        config("repo", "CofferRp and more");
        config("other", "Coffer");
    }

    void config(const std::string& folder, const std::string& text) {
        std::ofstream(scratch_ / (folder + "/config")) << text;
    }

    ScratchFolder scratch_;
};

TEST_F(EnclosingRepository, IsFoundAboveWhatIsThereOrNot) {
    std::filesystem::create_directory_symlink(scratch_ / "repo/packs", scratch_ / "link");
    for (const char* inside : {"repo/packs", "repo/new", "repo/packs/a/b/", "link/x"}) {
        expectError(ErrorCode::invalidArgument,
                    [&] { requireOutsideRepositories(scratch_ / inside); });
    }
    for (const char* outside : {"repo", "new", "other/new", "repository/x"}) {
        requireOutsideRepositories(scratch_ / outside);
    }
    requireOutsideRepositories("/");
    requireOutsideRepositories("");
}

TEST_F(EnclosingRepository, IsNoTargetOfARestore) {
    expectError(ErrorCode::invalidArgument, [&] { FileSystemTarget(scratch_ / "repo/back/deep"); });
    EXPECT_FALSE(std::filesystem::exists(scratch_ / "repo/back"));
    FileSystemTarget(scratch_ / "other/back");
}

}  // namespace
}  // namespace coffer
