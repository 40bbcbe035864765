#include "core/snapshot/snapshot_catalog.h"

#include <gtest/gtest.h>

#include "core/repository/write_session.h"
#include "tests/support/expect_error.h"
#include "tests/support/test_repository.h"

namespace coffer {
namespace {

struct SnapshotCatalog : testing::Test {
    TestRepository setting;
    SnapshotId first = setting.commit("one");
    SnapshotId second = setting.commit("two");

    SnapshotId find(const std::string& name) {
        return findSnapshotInfo(*setting, name).registration.id;
    }
    SnapshotId findForgotten(const std::string& name) {
        return findForgottenInfo(*setting, name).registration.id;
    }
    void trash(const SnapshotId& id) {
        setting->trash(std::span(&id, 1), {setting.clock.now().seconds + 1000, 0});
    }
};

TEST_F(SnapshotCatalog, FindsByTheBeginningOfTheIdAndTheLatest) {
    EXPECT_EQ(find(first.hex()), first);
    EXPECT_EQ(find(first.hex().substr(0, 12)), first);
    EXPECT_EQ(find("latest"), second);
    for (const char* name : {"", "abc", "0123456789abcdef0123456789abcdef"}) {
        expectError(
            ErrorCode::notFound, [&] { find(name); }, "no snapshot");
    }
}

TEST_F(SnapshotCatalog, PassesOverWhatIsInTheTrash) {
    trash(second);
    EXPECT_EQ(find("latest"), first);
    expectError(
        ErrorCode::notFound, [&] { find(second.hex()); }, "can be taken back until 20");
    EXPECT_EQ(findForgotten(second.hex().substr(0, 8)), second);
    for (const SnapshotId& id : {first, second}) {
        EXPECT_EQ(findAnyInfo(*setting, id.hex().substr(0, 12)).registration.id, id);
    }
    EXPECT_EQ(findAnyInfo(*setting, "latest").registration.id, first);
    expectError(ErrorCode::notFound, [&] { findForgotten(first.hex()); });
    expectError(ErrorCode::notFound, [&] { findForgotten("latest"); });
    trash(first);
    expectError(
        ErrorCode::notFound, [&] { find("latest"); }, "no snapshot yet");
    EXPECT_TRUE(loadSnapshots(*setting).empty());
}

}  // namespace
}  // namespace coffer
