#include "management_server/solo/trash_look.h"

#include <gtest/gtest.h>

#include "core/trust/private_file.h"
#include "tests/support/scratch_folder.h"

namespace coffer::solo {
namespace {

constexpr std::int64_t minute = 60;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t day = 24 * hour;

struct TrashLook : testing::Test {
    std::optional<Timestamp> look(std::int64_t after) {
        return lookIntoTrash(scratch / "trash", at(after));
    }
    static Timestamp at(std::int64_t after) { return {1'700'000'000 + after, 0}; }

    ScratchFolder scratch;
};

TEST_F(TrashLook, LetsAnHourPass) {
    EXPECT_FALSE(look(0));
    EXPECT_FALSE(look(10 * minute));
    EXPECT_FALSE(look(hour - 1));
    EXPECT_EQ(look(hour), at(0));
    EXPECT_FALSE(look(hour + minute));
    EXPECT_EQ(look(9 * day), at(hour));
}

TEST_F(TrashLook, GoesByTheTimeBeforeAJump) {
    EXPECT_FALSE(look(0));
    EXPECT_EQ(look(20 * day), at(0));
    EXPECT_FALSE(look(20 * day + minute));
    // It is set right.
    EXPECT_FALSE(look(hour));
    EXPECT_EQ(look(2 * hour), at(hour));
}

TEST_F(TrashLook, DoesWithoutANote) {
    for (const std::int64_t after : {0L, hour, 2 * hour}) {
        EXPECT_FALSE(lookIntoTrash(scratch / "none/trash", at(after)));
    }
}

TEST_F(TrashLook, PassesOverWhatNobodyCanRead) {
    writePrivateFile(scratch / "trash", "12 o'clock");
    EXPECT_FALSE(look(0));
    EXPECT_EQ(look(hour), at(0));
}

}  // namespace
}  // namespace coffer::solo
