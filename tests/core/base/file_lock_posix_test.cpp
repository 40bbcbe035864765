// A lock file on a disk that takes nothing more.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>

#include "core/base/file_lock.h"
#include "tests/support/expect_error.h"
#include "tests/support/scratch_folder.h"

namespace coffer {
namespace {

/// As long as it exists this process cannot write to any file.
class NothingCanBeWritten {
  public:
    NothingCanBeWritten() : former_(std::signal(SIGXFSZ, SIG_IGN)) {
        ::getrlimit(RLIMIT_FSIZE, &limit_);
        rlimit none = limit_;
        none.rlim_cur = 0;
        ::setrlimit(RLIMIT_FSIZE, &none);
    }
    ~NothingCanBeWritten() {
        ::setrlimit(RLIMIT_FSIZE, &limit_);
        std::signal(SIGXFSZ, former_);
    }
    NothingCanBeWritten(const NothingCanBeWritten&) = delete;
    NothingCanBeWritten& operator=(const NothingCanBeWritten&) = delete;

  private:
    void (*former_)(int);
    rlimit limit_{};
};

struct FullDiskLockTest : testing::Test {
    ScratchFolder folder;
    const std::string path = folder / "lock";
};

TEST_F(FullDiskLockTest, IsSharedAgainByTheGroupThatStandsInIt) {
    { const auto before = FileLock::tryShare(path, "ours"); }
    const NothingCanBeWritten full;
    EXPECT_TRUE(FileLock::tryShare(path, "ours"));
}

TEST_F(FullDiskLockTest, SaysThatAnotherGroupCannotBeWritten) {
    { const auto before = FileLock::tryShare(path, "theirs"); }
    const NothingCanBeWritten full;
    const std::optional<Error> error = errorOf([&] { FileLock::tryShare(path, "ours"); });
    ASSERT_TRUE(error);
    EXPECT_NE(error->code(), ErrorCode::busy);
}

TEST_F(FullDiskLockTest, IsTakenAlone) {
    const NothingCanBeWritten full;
    EXPECT_TRUE(FileLock::tryTake(path));
}

}  // namespace
}  // namespace coffer
