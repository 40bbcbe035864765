#include "core/update/version_record.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"

namespace coffer {
namespace {

const Version one = Version::parse("1.0.0");
const Version two = Version::parse("2.0.0");
const Version three = Version::parse("3.0.0");

VersionRecord onTwo() {
    VersionRecord record;
    record.beginTrial(two);
    record.confirm(two);
    return record;
}

TEST(VersionRecord, confirmsWhatHasAttached) {
    VersionRecord record = onTwo();
    EXPECT_EQ(record.current, two);
    EXPECT_EQ(record.previous, std::nullopt);
    EXPECT_EQ(record.highest, two);
    EXPECT_EQ(record.outcome->end, VersionRecord::End::succeeded);
    record.beginTrial(three);
    record.confirm(three);
    EXPECT_EQ(record.current, three);
    EXPECT_EQ(record.previous, two);
}

TEST(VersionRecord, staysWithTheOldOneWhenTheTrialFails) {
    VersionRecord record = onTwo();
    record.beginTrial(three);
    EXPECT_TRUE(record.tryAgain());
    record.fail(three, "exit code 1");
    EXPECT_EQ(record.current, two);
    EXPECT_EQ(record.trial, std::nullopt);
    EXPECT_EQ(record.highest, two);
    EXPECT_EQ(record.outcome,
              (VersionRecord::Outcome{three, VersionRecord::End::failed, "exit code 1"}));
}

TEST(VersionRecord, staysAsItIsWhenOneIsRefused) {
    VersionRecord record = onTwo();
    record.refuse(three, "no room");
    EXPECT_EQ(record.current, two);
    EXPECT_EQ(record.highest, two);
    EXPECT_EQ(record.outcome,
              (VersionRecord::Outcome{three, VersionRecord::End::refused, "no room"}));
    EXPECT_EQ(VersionRecord::decode(record.encode()), record);
}

TEST(VersionRecord, aTrialThatNeverEndsHasFailed) {
    VersionRecord record;
    record.beginTrial(two);
    for (std::uint32_t each = 0; each < VersionRecord::mostTrials; ++each) {
        EXPECT_TRUE(record.tryAgain());
    }
    EXPECT_FALSE(record.tryAgain());
    EXPECT_EQ(record.trial, std::nullopt);
    EXPECT_EQ(record.outcome->end, VersionRecord::End::failed);
}

TEST(VersionRecord, goesBackWhenTheCurrentOneNeverGetsToRun) {
    VersionRecord record = onTwo();
    record.beginTrial(three);
    record.confirm(three);
    for (std::uint32_t each = 0; each < VersionRecord::mostStarts; ++each) {
        EXPECT_TRUE(record.start());
    }
    EXPECT_FALSE(record.start());
    EXPECT_EQ(record.current, two);
    EXPECT_EQ(record.previous, std::nullopt);
    record.fail(two, "its files are damaged");
    EXPECT_EQ(record.current, std::nullopt);
}

TEST(VersionRecord, aStartThatSucceedsEndsTheCount) {
    VersionRecord record = onTwo();
    for (int each = 0; each < 100; ++each) {
        EXPECT_TRUE(record.start());
        record.started();
    }
}

TEST(VersionRecord, takesNothingOlder) {
    VersionRecord record = onTwo();
    expectError(ErrorCode::conflict, [&] { record.requireNewer(two, two); });
    expectError(ErrorCode::conflict, [&] { record.requireNewer(one, two); });
    record.requireNewer(three, two);
    // Back on an old one, the last that was good may come again, and nothing before it.
    record.fail(two, "damaged");
    record.requireNewer(two, Version());
    expectError(ErrorCode::conflict, [&] { record.requireNewer(one, Version()); });
}

TEST(VersionRecord, anInstalledProgramThatIsAsNewCounts) {
    VersionRecord record = onTwo();
    record.beginTrial(three);
    record.prefer(one);
    EXPECT_EQ(record.current, two);
    record.prefer(two);
    EXPECT_EQ(record.current, std::nullopt);
    EXPECT_EQ(record.trial, three);
    record.prefer(three);
    EXPECT_EQ(record.trial, std::nullopt);
}

TEST(VersionRecord, needsWhatItMayGoBackTo) {
    VersionRecord record = onTwo();
    record.beginTrial(three);
    EXPECT_TRUE(record.needs(two));
    EXPECT_TRUE(record.needs(three));
    EXPECT_FALSE(record.needs(one));
}

TEST(VersionRecord, comesBackFromText) {
    VersionRecord record = onTwo();
    EXPECT_EQ(VersionRecord::decode(record.encode()), record);
    record.beginTrial(three);
    record.tryAgain();
    record.start();
    EXPECT_EQ(VersionRecord::decode(record.encode()), record);
    record.fail(three, "first line\nsecond line");
    EXPECT_EQ(VersionRecord::decode(record.encode()), record);
    EXPECT_EQ(VersionRecord::decode(""), VersionRecord());
    EXPECT_EQ(VersionRecord::decode("of-later something\n"), VersionRecord());
}

TEST(VersionRecord, refusesWhatIsCut) {
    for (const char* text : {"current", "current 1.0.0", "current one\n", "trials x\n", "\n"}) {
        expectError(ErrorCode::corrupt, [&] { VersionRecord::decode(text); });
    }
}

}  // namespace
}  // namespace coffer
