#include "core/pipeline/restore_mark.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"
#include "tests/support/scratch_folder.h"

namespace coffer {
namespace {

class RestoreMarkerTest : public testing::Test {
  protected:
    RestoreMarker markerOf(const std::string& target) {
        return {*disk, scratch / "restores", target, FileLock::take};
    }

    ScratchFolder scratch;
    std::unique_ptr<Disk> disk = makeSystemDisk();
};

TEST_F(RestoreMarkerTest, RemembersARestoreUntilItIsDone) {
    const RestoreMark mark{"1f3a:/ho\xFFme", "boot"};
    {
        RestoreMarker marker = markerOf("/target");
        EXPECT_EQ(marker.read(), std::nullopt);
        marker.write(mark);
    }
    EXPECT_EQ(markerOf("/other").read(), std::nullopt);
    {
        RestoreMarker marker = markerOf("/target");
        EXPECT_EQ(marker.read(), mark);
        marker.remove();
        EXPECT_EQ(marker.read(), std::nullopt);
    }
    EXPECT_EQ(markerOf("/target").read(), std::nullopt);
}

TEST_F(RestoreMarkerTest, KeepsTwoRestoresOutOfOneTarget) {
    const RestoreMarker first = markerOf("/target");
    expectError(ErrorCode::busy, [&] { markerOf("/target"); });
    EXPECT_NO_THROW(markerOf("/other"));
}

TEST_F(RestoreMarkerTest, TellsWhetherTheComputerWasStartedSince) {
    const RestoreMark mark{"restore", "boot"};
    EXPECT_FALSE(mark.isOlderThan("boot"));
    EXPECT_TRUE(mark.isOlderThan("other"));
    EXPECT_TRUE(RestoreMark{}.isOlderThan(""));
}

TEST_F(RestoreMarkerTest, RefusesWhatIsNoMark) {
    expectError(ErrorCode::corrupt, [] { RestoreMark::decode(bytesOf("nonsense")); });
    Bytes truncated = RestoreMark{"/home", "boot"}.encode();
    truncated.pop_back();
    expectError(ErrorCode::corrupt, [&] { RestoreMark::decode(truncated); });
}

}  // namespace
}  // namespace coffer
