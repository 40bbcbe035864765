#include "workstation_agent/version_choice.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "tests/core/update/update_samples.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

using Trial = VersionChoice::Trial;

const Version installed = Version::parse("1.0.0");
const Version two = Version::parse("2.0.0");
const Version three = Version::parse("3.0.0");

class VersionChoiceTest : public testing::Test {
  protected:
    VersionChoiceTest() {
        makeFolders(disk, "/state");
        fetch(two);
        fetch(three);
    }
    void fetch(const Version& version) {
        VersionFolder::Incoming incoming(
            folder, makeHead(sampleManifest(version.text().c_str()), releaseKey()));
        incoming.add(sampleContent());
        incoming.finish();
    }
    std::string programOf(const Version& version) {
        return folder.fileOf(version, UpdateManifest::agentProgram);
    }
    void damage(const Version& version) {
        putFile(disk, programOf(version), bytesOf("another program"));
    }
    void keep(const std::function<void(VersionRecord&)>& change) {
        VersionRecord record = folder.record();
        change(record);
        folder.keep(record);
    }
    void makeCurrent(const Version& version) {
        keep([&](VersionRecord& record) {
            record.beginTrial(version);
            record.confirm(version);
        });
    }
    std::optional<std::string> choose(const std::string& program = "/usr/sbin/agent",
                                      const Version& own = installed) {
        VersionChoice choice({.folder = folder,
                              .keys = keys,
                              .own = own,
                              .program = program,
                              .prepare = [](const std::string&) {},
                              .run =
                                  [this](const std::string& tried, std::string& why) {
                                      trials.push_back(tried);
                                      why = "exit code 1";
                                      return trial();
                                  }});
        return choice.choose();
    }

    SimulatedDisk disk;
    VersionFolder folder{disk, "/state/versions"};
    std::vector<VerifyKey> keys{releaseKey().verifyKey()};
    std::function<Trial()> trial = [] { return Trial::failed; };
    std::vector<std::string> trials;
};

TEST_F(VersionChoiceTest, theInstalledOneRunsWithoutAnother) {
    EXPECT_EQ(choose(), std::nullopt);
}

TEST_F(VersionChoiceTest, theCurrentOneRunsInstead) {
    makeCurrent(two);
    EXPECT_EQ(choose(), programOf(two));
    EXPECT_EQ(choose(programOf(two), two), std::nullopt);
    EXPECT_TRUE(trials.empty());
}

TEST_F(VersionChoiceTest, aTrialThatAttachesBecomesCurrent) {
    makeCurrent(two);
    keep([](VersionRecord& record) { record.beginTrial(three); });
    trial = [this] {
        keep([](VersionRecord& record) { record.confirm(three); });
        return Trial::attached;
    };
    EXPECT_EQ(choose(programOf(two), two), programOf(three));
    EXPECT_EQ(trials, std::vector{programOf(three)});
}

TEST_F(VersionChoiceTest, aTrialThatFailsChangesNothing) {
    makeCurrent(two);
    for (const Trial end : {Trial::failed, Trial::attached}) {  // the latter without a word of it
        keep([](VersionRecord& record) { record.beginTrial(three); });
        trial = [end] { return end; };
        EXPECT_EQ(choose(programOf(two), two), std::nullopt);
        EXPECT_EQ(folder.record().current, two);
        EXPECT_EQ(folder.record().outcome->end, VersionRecord::End::failed);
    }
}

TEST_F(VersionChoiceTest, aTrialThatIsInterruptedIsMadeAgain) {
    keep([](VersionRecord& record) { record.beginTrial(two); });
    trial = [] { return Trial::interrupted; };
    expectError(ErrorCode::cancelled, [&] { choose(); });
    EXPECT_EQ(folder.record().trial, two);
    trial = [] { return Trial::failed; };
    EXPECT_EQ(choose(), std::nullopt);
    EXPECT_EQ(trials.size(), 2U);
}

// As when the computer goes down in the middle of each.
TEST_F(VersionChoiceTest, aTrialIsMadeThreeTimesAtMost) {
    keep([](VersionRecord& record) { record.beginTrial(two); });
    struct Crash {};
    trial = []() -> Trial { throw Crash(); };
    for (int each = 0; each < 3; ++each) EXPECT_THROW(choose(), Crash);
    EXPECT_EQ(choose(), std::nullopt);
    EXPECT_EQ(trials.size(), 3U);
    EXPECT_EQ(folder.record().outcome->end, VersionRecord::End::failed);
}

TEST_F(VersionChoiceTest, nothingIsStartedThatIsNotWhatWasSigned) {
    makeCurrent(two);
    makeCurrent(three);
    damage(three);
    EXPECT_EQ(choose(), programOf(two));
    damage(two);
    EXPECT_EQ(choose(), std::nullopt);
    EXPECT_EQ(folder.record().current, std::nullopt);
}

TEST_F(VersionChoiceTest, nothingIsTriedThatIsNotWhatWasSigned) {
    keep([](VersionRecord& record) { record.beginTrial(two); });
    damage(two);
    EXPECT_EQ(choose(), std::nullopt);
    EXPECT_TRUE(trials.empty());
    EXPECT_EQ(folder.record().trial, std::nullopt);
    EXPECT_EQ(folder.record().outcome->end, VersionRecord::End::refused);
}

TEST_F(VersionChoiceTest, nothingIsStartedByAKeyThatIsNotTrustedAnyMore) {
    makeCurrent(two);
    keys.clear();
    EXPECT_EQ(choose(), std::nullopt);
}

// As after a trial that failed: agent.ini is read anew.
TEST_F(VersionChoiceTest, nothingGoesOnByAKeyThatIsNotTrustedAnyMore) {
    makeCurrent(two);
    EXPECT_EQ(choose(programOf(two), two), std::nullopt);
    keys.clear();
    expectError(ErrorCode::conflict, [&] { choose(programOf(two), two); });
    EXPECT_EQ(folder.record().current, std::nullopt);
}

TEST_F(VersionChoiceTest, oneThatNeverGetsToRunIsGivenUp) {
    makeCurrent(two);
    for (std::uint32_t each = 0; each < VersionRecord::mostStarts; ++each) {
        EXPECT_EQ(choose(), programOf(two));
    }
    EXPECT_EQ(choose(), std::nullopt);
}

TEST_F(VersionChoiceTest, anInstalledOneThatIsNewerCounts) {
    makeCurrent(two);
    EXPECT_EQ(choose("/usr/sbin/agent", three), std::nullopt);
    EXPECT_EQ(folder.record().current, std::nullopt);
}

TEST_F(VersionChoiceTest, aRecordThatCannotBeReadLeadsToTheInstalledOne) {
    makeCurrent(two);
    putFile(disk, "/state/versions/record", bytesOf("current nothing"));
    EXPECT_EQ(choose(), std::nullopt);
    expectError(ErrorCode::conflict, [&] { choose(programOf(two), two); });
}

TEST_F(VersionChoiceTest, aFullDiskKeepsNoAgentDown) {
    makeCurrent(two);
    disk.failAt(ENOSPC, disk.points() + 1);
    EXPECT_EQ(choose(), programOf(two));
    EXPECT_EQ(choose(programOf(two), two), std::nullopt);
}

}  // namespace
}  // namespace coffer
