#include "core/repository/local_folder.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "core/base/threads.h"
#include "tests/support/expect_error.h"
#include "tests/support/scratch_folder.h"

namespace coffer {
namespace {

struct LocalFolderTest : testing::Test {
    LocalFolderTest() {
        for (const char* name : {"state", "other", "repository"}) {
            std::filesystem::create_directory(folder / name);
        }
    }

    RepositoryLocks share(const std::string& state, const std::string& program) {
        return lockToShare(folder / (state + "/lock"), repository,
                           folder / (state + "/" + program + ".lock"));
    }

    ScratchFolder folder;
    const std::string repository = folder / "repository";
};

TEST_F(LocalFolderTest, TwoProgramsOfOneStateShareARepository) {
    const RepositoryLocks server = share("state", "server");
    const RepositoryLocks store = share("state", "store");
    expectError(ErrorCode::busy, [&] { share("state", "store"); });
    expectError(ErrorCode::busy, [&] { lockForChange(folder / "state/lock", repository); });
}

TEST_F(LocalFolderTest, AnotherServersProgramsAreKeptOut) {
    const RepositoryLocks server = share("state", "server");
    expectError(
        ErrorCode::busy, [&] { share("other", "store"); }, "another server");
    expectError(ErrorCode::busy, [&] { lockForChange(folder / "other/lock", repository); });
}

TEST_F(LocalFolderTest, WhoHasItAloneKeepsThemOut) {
    const RepositoryLocks alone = lockForChange(folder / "state/lock", repository);
    expectError(ErrorCode::busy, [&] { share("state", "server"); });
}

// As when somebody just looks at the lock of programs that ran before the computer started anew.
TEST_F(LocalFolderTest, WhoeverGoesInAMomentIsWaitedFor) {
    auto earlier = FileLock::tryShare(repository + "/lock", "of an earlier start");
    ThreadScope threads;
    threads.start([&] {
        while (!FileLock::isHeld(folder / "state/server.lock")) std::this_thread::yield();
        earlier.reset();
    });
    const RepositoryLocks server = share("state", "server");
    threads.join();
}

TEST_F(LocalFolderTest, WhatIsFreeAgainCanBeHadByAnybody) {
    { const RepositoryLocks server = share("state", "server"); }
    { const RepositoryLocks other = share("other", "server"); }
    lockForChange(folder / "state/lock", repository);
}

}  // namespace
}  // namespace coffer
