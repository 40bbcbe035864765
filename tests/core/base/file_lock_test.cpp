#include "core/base/file_lock.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <mutex>
#include <thread>

#include "core/base/file_mutex.h"
#include "core/base/threads.h"
#include "tests/support/expect_error.h"
#include "tests/support/scratch_folder.h"

namespace coffer {
namespace {

struct FileLockTest : testing::Test {
    ScratchFolder folder;
    const std::string path = folder / "lock";
};

TEST_F(FileLockTest, IsOneHoldersAndFreeAgainAtItsEnd) {
    {
        const FileLock first = FileLock::take(path);
        EXPECT_TRUE(FileLock::isHeld(path));
        EXPECT_FALSE(FileLock::tryTake(path));
        expectError(
            ErrorCode::busy, [&] { FileLock::take(path); }, "process");
    }
    EXPECT_FALSE(FileLock::isHeld(path));
    EXPECT_TRUE(FileLock::tryTake(path));
}

TEST_F(FileLockTest, IsSharedWithinAGroup) {
    auto first = FileLock::tryShare(path, "ours");
    ASSERT_TRUE(first);
    auto second = FileLock::tryShare(path, "ours");
    EXPECT_TRUE(second);
    EXPECT_FALSE(FileLock::tryTake(path));
    first.reset();
    EXPECT_FALSE(FileLock::tryTake(path));
    EXPECT_FALSE(FileLock::tryShare(path, "theirs"));
    expectError(
        ErrorCode::busy, [&] { FileLock::refuse(path, "theirs"); }, "another server");
    second.reset();
    EXPECT_TRUE(FileLock::tryShare(path, "theirs"));
}

TEST_F(FileLockTest, IsNotTakenByWhoIsRefused) {
    { const auto before = FileLock::tryShare(path, "ours"); }
    expectError(
        ErrorCode::busy, [&] { FileLock::refuse(path, "ours"); }, "another program");
    EXPECT_FALSE(FileLock::isHeld(path));
    EXPECT_TRUE(FileLock::tryShare(path, "ours"));
}

TEST_F(FileLockTest, IsNotSharedWithOneWhoHoldsItAlone) {
    const FileLock alone = FileLock::take(path);
    EXPECT_FALSE(FileLock::tryShare(path, "ours"));
}

TEST_F(FileLockTest, IsTheSameFileByWhateverPath) {
    std::filesystem::create_directory_symlink(folder.path(), folder / "link");
    const auto direct = FileLock::tryShare(path, "ours");
    const auto linked = FileLock::tryShare(folder / "link/lock", "ours");
    const auto other = FileLock::tryShare(folder / "other", "ours");
    EXPECT_EQ(direct->identity(), linked->identity());
    EXPECT_NE(direct->identity(), other->identity());
    EXPECT_EQ(direct->identity().find('\n'), std::string::npos);
}

TEST_F(FileLockTest, AMutexIsHeldByOneAtATime) {
    std::atomic<int> inside = 0;
    std::atomic<bool> overlapped = false;
    ThreadScope threads;
    for (int i = 0; i < 4; ++i) {
        threads.start([&] {
            FileMutex mutex(path);
            for (int turn = 0; turn < 50; ++turn) {
                const std::lock_guard lock(mutex);
                if (inside.fetch_add(1) != 0) overlapped = true;
                std::this_thread::yield();
                inside.fetch_sub(1);
            }
        });
    }
    threads.join();
    EXPECT_FALSE(overlapped);
}

}  // namespace
}  // namespace coffer
