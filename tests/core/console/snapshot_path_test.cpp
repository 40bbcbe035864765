#include "core/console/snapshot_path.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"

namespace coffer {
namespace {

TEST(SnapshotPath, isCutAtTheFirstColon) {
    const SnapshotPath whole = snapshotPath("latest");
    EXPECT_EQ(whole.snapshot, "latest");
    EXPECT_EQ(whole.path, "/");
    const SnapshotPath part = snapshotPath("1f3a9c02:/home/a:b//");
    EXPECT_EQ(part.snapshot, "1f3a9c02");
    EXPECT_EQ(part.path, "/home/a:b");
    EXPECT_EQ(snapshotPath("latest:etc").path, "/etc");
    EXPECT_EQ(snapshotPath("latest:").path, "/");
    EXPECT_EQ(snapshotPath("latest://home///a//").path, "/home/a");
}

TEST(SnapshotPath, needsASnapshot) {
    expectError(ErrorCode::invalidArgument, [] { snapshotPath(":/home"); });
    expectError(ErrorCode::invalidArgument, [] { snapshotPath(""); });
}

}  // namespace
}  // namespace coffer
