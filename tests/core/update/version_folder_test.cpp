#include "core/update/version_folder.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "tests/core/update/update_samples.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

const std::vector<VerifyKey> trusted{releaseKey().verifyKey()};

void fetch(VersionFolder& folder, const char* version) {
    VersionFolder::Incoming incoming(folder, makeHead(sampleManifest(version), releaseKey()));
    const Bytes content = sampleContent();
    for (std::size_t at = 0; at < content.size(); at += 7) {
        incoming.add(
            ByteView(content).subspan(at).first(std::min<std::size_t>(7, content.size() - at)));
    }
    EXPECT_EQ(incoming.position(), incoming.size());
    incoming.finish();
}

class VersionFolderTest : public testing::Test {
  protected:
    VersionFolderTest() { makeFolders(disk, "/state"); }
    SimulatedDisk disk;
    VersionFolder folder{disk, "/state/versions"};
    const Version version = Version::parse("1.4.0");
};

TEST_F(VersionFolderTest, keepsWhatCame) {
    fetch(folder, "1.4.0");
    folder.verify(version, trusted);
    EXPECT_TRUE(disk.stat("/state/versions/1.4.0/coffer-worker"));
}

TEST_F(VersionFolderTest, isCheckedAtEachStart) {
    fetch(folder, "1.4.0");
    expectError(ErrorCode::untrusted, [&] { folder.verify(version, {}); });
    for (const char* name : {"coffer-worker", "coffer-workstation-agent"}) {
        putFile(disk, folder.fileOf(version, name), bytesOf("another program"));
        expectError(ErrorCode::corrupt, [&] { folder.verify(version, trusted); });
        fetch(folder, "1.4.0");
        folder.verify(version, trusted);
    }
    disk.unlink(folder.fileOf(version, "coffer-worker"));
    expectError(ErrorCode::notFound, [&] { folder.verify(version, trusted); });
}

TEST_F(VersionFolderTest, isNotTakenForAnotherVersion) {
    fetch(folder, "1.4.0");
    for (const char* name : {"head", "coffer-worker", "coffer-workstation-agent"}) {
        makeFolders(disk, "/state/versions/1.5.0");
        disk.rename(folder.fileOf(version, name), folder.fileOf(Version::parse("1.5.0"), name));
    }
    expectError(ErrorCode::corrupt, [&] { folder.verify(Version::parse("1.5.0"), trusted); });
}

TEST_F(VersionFolderTest, refusesWrongOctetsWhileTheyCome) {
    const Bytes head = makeHead(sampleManifest(), releaseKey());
    Bytes content = sampleContent();
    content[3] ^= 1;
    VersionFolder::Incoming incoming(folder, head);
    expectError(ErrorCode::corrupt, [&] { incoming.add(content); });
    expectError(ErrorCode::notFound, [&] { folder.verify(version, trusted); });
}

TEST_F(VersionFolderTest, refusesTooFewAndTooMany) {
    const Bytes head = makeHead(sampleManifest(), releaseKey());
    Bytes content = sampleContent();
    {
        VersionFolder::Incoming incoming(folder, head);
        incoming.add(ByteView(content).first(content.size() - 1));
        expectError(ErrorCode::corrupt, [&] { incoming.finish(); });
    }
    content.push_back(0);
    VersionFolder::Incoming incoming(folder, head);
    expectError(ErrorCode::corrupt, [&] { incoming.add(content); });
}

TEST_F(VersionFolderTest, saysBeforehandThatTheDiskIsFull) {
    disk.setFreeSpace(1'000);
    expectError(ErrorCode::noSpace, [&] { fetch(folder, "1.4.0"); });
}

TEST_F(VersionFolderTest, removesWhatNobodyNeeds) {
    fetch(folder, "1.4.0");
    fetch(folder, "1.5.0");
    VersionRecord record;
    record.current = Version::parse("1.5.0");
    folder.keep(record);
    folder.clean(record);
    EXPECT_FALSE(disk.stat("/state/versions/1.4.0/head"));
    EXPECT_FALSE(disk.stat("/state/versions/1.4.0/coffer-worker"));
    folder.verify(Version::parse("1.5.0"), trusted);
    EXPECT_EQ(folder.record(), record);
}

/// A whole update, from the fetch to the start of the new one.
void update(Disk& disk) {
    VersionFolder folder(disk, "/state/versions");
    fetch(folder, "1.5.0");
    const Version next = Version::parse("1.5.0");
    folder.verify(next, trusted);
    VersionRecord record = folder.record();
    record.beginTrial(next);
    folder.keep(record);
    record.tryAgain();
    folder.keep(record);
    record.confirm(next);
    folder.keep(record);
    folder.clean(record);
}

// Wherever the computer goes down or the disk fails, the record is whole, and what it calls current
// is there and sound.
void expectGood(SimulatedDisk& disk, const std::string& where) {
    SCOPED_TRACE(where);
    VersionFolder folder(disk, "/state/versions");
    const VersionRecord record = folder.record();
    ASSERT_TRUE(record.current);
    folder.verify(*record.current, trusted);
    if (record.trial) folder.verify(*record.trial, trusted);
}

TEST(VersionFaults, everyCrashLeavesAWorkingVersion) {
    const auto begin = [] {
        auto disk = std::make_unique<SimulatedDisk>();
        makeFolders(*disk, "/state");
        VersionFolder folder(*disk, "/state/versions");
        fetch(folder, "1.4.0");
        VersionRecord record;
        record.beginTrial(Version::parse("1.4.0"));
        record.confirm(Version::parse("1.4.0"));
        folder.keep(record);
        return disk;
    };
    std::uint64_t tried = 0;
    for (std::uint64_t step = 1;; ++step) {
        auto disk = begin();
        const std::uint64_t point = disk->points() + step;
        disk->crashAt(point);
        bool crashed = false;
        try {
            update(*disk);
        } catch (const SimulatedCrash&) {
            crashed = true;
        }
        if (!crashed) break;
        for (const CrashMode mode :
             {CrashMode::killed, CrashMode::lost, CrashMode::hollow, CrashMode::torn}) {
            const auto after = disk->reopen(mode);
            expectGood(*after, "crash at " + std::to_string(step));
            update(*after);  // and the next attempt succeeds
            EXPECT_EQ(VersionFolder(*after, "/state/versions").record().current,
                      Version::parse("1.5.0"));
            ++tried;
        }
        auto full = begin();
        full->failAt(ENOSPC, full->points() + step);
        EXPECT_THROW(update(*full), Error);
        const auto after = full->reopen(CrashMode::killed);
        expectGood(*after, "full at " + std::to_string(step));
    }
    EXPECT_GT(tried, 80U);
}

}  // namespace
}  // namespace coffer
