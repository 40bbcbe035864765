#include "workstation_agent/updater.h"

#include <gtest/gtest.h>

#include "tests/core/update/update_samples.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

/// An updater whose agent and server the test plays.
class UpdaterTest : public testing::Test {
  protected:
    UpdaterTest() { makeFolders(disk, "/state"); }

    Updater& begin(const std::function<void(Updater::Parts&)>& change = [](Updater::Parts&) {}) {
        Updater::Parts parts{
            .folder = folder,
            .allowed = true,
            .keys = {releaseKey().verifyKey()},
            .running = Version::parse("1.0.0"),
            .patience = std::chrono::minutes(0),
            .fetch =
                [this](const PackageHead&, std::uint64_t offset, std::uint32_t length) {
                    const ByteView all(package);
                    return toBytes(all.subspan(offset, length));
                },
            .examine = [](const Version&) {},
            .idle = [] { return true; },
            .startOver = [this] { over.change([](bool& value) { value = true; }); },
            .cancel = cancel};
        change(parts);
        updater.emplace(std::move(parts));
        return *updater;
    }
    void waitUntilOver() {
        over.when([](bool value) { return value; }, [](bool) {});
    }
    std::string stateAfter(Updater& its) {
        for (;;) {
            const rpc::SettingMap facts = its.facts();
            const std::string state = rpc::textIn(facts, "update-state");
            if (state == "refused") return state;
        }
    }

    SimulatedDisk disk;
    VersionFolder folder{disk, "/state/versions"};
    const Bytes package = samplePackage();
    const Bytes head = makeHead(sampleManifest(), releaseKey());
    const Version version = Version::parse("1.4.0");
    CancelToken cancel;
    Guarded<bool> over{false};
    std::optional<Updater> updater;
};

TEST_F(UpdaterTest, FetchesChecksAndStartsOver) {
    Updater& its = begin();
    its.start();
    its.offer(head);
    its.offer(head);  // again, as after an answer that was lost
    waitUntilOver();
    its.stop();
    EXPECT_EQ(folder.record().trial, version);
    folder.verify(version, {releaseKey().verifyKey()});
    EXPECT_EQ(its.facts().at("update-version"), "1.4.0");
}

TEST_F(UpdaterTest, TakesNothingThatSettingsForbid) {
    expectError(
        ErrorCode::permissionDenied,
        [&] { begin([](Updater::Parts& parts) { parts.allowed = false; }).offer(head); },
        "allow.update");
    expectError(
        ErrorCode::permissionDenied,
        [&] { begin([](Updater::Parts& parts) { parts.keys.clear(); }).offer(head); },
        "updates.keys");
}

TEST_F(UpdaterTest, TakesNothingOfAStranger) {
    const Bytes foreign = makeHead(sampleManifest(), SigningKey::random());
    expectError(ErrorCode::untrusted, [&] { begin().offer(foreign); });
    expectError(ErrorCode::corrupt, [&] { begin().offer({}); });
}

TEST_F(UpdaterTest, TakesNothingOlderOrOfAnotherPlatform) {
    expectError(ErrorCode::conflict, [&] {
        begin([](Updater::Parts& parts) { parts.running = Version::parse("1.4.0"); }).offer(head);
    });
    UpdateManifest manifest = sampleManifest();
    manifest.platform = "plan9-mips";
    expectError(ErrorCode::unsupported, [&] { begin().offer(makeHead(manifest, releaseKey())); });
}

TEST_F(UpdaterTest, TakesOneAtATime) {
    Updater& its = begin();  // not started: nothing is fetched
    its.offer(head);
    expectError(ErrorCode::busy,
                [&] { its.offer(makeHead(sampleManifest("1.5.0"), releaseKey())); });
}

TEST_F(UpdaterTest, RemembersWhatItGotWrong) {
    Updater& its = begin([](Updater::Parts& parts) {
        parts.fetch = [](const PackageHead&, std::uint64_t, std::uint32_t length) {
            return Bytes(length, 'x');
        };
    });
    its.start();
    its.offer(head);
    EXPECT_EQ(stateAfter(its), "refused");
    EXPECT_FALSE(disk.stat("/state/versions/1.4.0/coffer-worker"));
    its.stop();
    EXPECT_EQ(folder.record().outcome->end, VersionRecord::End::refused);
    EXPECT_EQ(folder.record().trial, std::nullopt);
    EXPECT_EQ(begin().facts().at("update-state"), "refused");  // after a restart
}

TEST_F(UpdaterTest, AServerThatSpeaksOfAStopEndsTheUpdateAlone) {
    Updater& its = begin([](Updater::Parts& parts) {
        parts.fetch = [](const PackageHead&, std::uint64_t, std::uint32_t) -> Bytes {
            throw Error(ErrorCode::cancelled, "cancelled");
        };
    });
    its.start();
    its.offer(head);
    EXPECT_EQ(stateAfter(its), "refused");
    its.offer(head);  // again
}

TEST_F(UpdaterTest, ARecordThatCannotBeReadCostsNoVersion) {
    VersionFolder::Incoming incoming(folder, head);
    incoming.add(sampleContent());
    incoming.finish();
    putFile(disk, "/state/versions/record", bytesOf("damaged"));
    Updater& its = begin();
    its.start();
    expectError(ErrorCode::conflict,
                [&] { its.offer(makeHead(sampleManifest("1.3.0"), releaseKey())); });
    its.stop();
    folder.verify(version, {releaseKey().verifyKey()});
}

TEST_F(UpdaterTest, APackageThatEndsEarlyIsNoEndlessLoop) {
    Updater& its = begin([](Updater::Parts& parts) {
        parts.fetch = [](const PackageHead&, std::uint64_t, std::uint32_t) { return Bytes(); };
    });
    its.start();
    its.offer(head);
    EXPECT_EQ(stateAfter(its), "refused");
}

// One that crashes does neither.
TEST_F(UpdaterTest, AVersionThatGoesOnOrStopsInOrderIsSound) {
    VersionRecord record;
    record.beginTrial(version);
    record.confirm(version);
    for (const auto proof : {std::chrono::seconds(0), std::chrono::seconds(3'600)}) {
        record.start();
        folder.keep(record);
        Updater& its = begin([&](Updater::Parts& parts) { parts.proof = proof; });
        EXPECT_EQ(folder.record().starts, 1U);
        its.start();
        its.stop();
        EXPECT_EQ(folder.record().starts, 0U);
        record.started();
    }
}

TEST_F(UpdaterTest, AVersionThatHasJustBegunMayStillCrash) {
    VersionRecord record;
    record.beginTrial(version);
    record.confirm(version);
    record.start();
    folder.keep(record);
    Updater& its = begin();
    its.start();
    its.heard();
    EXPECT_EQ(folder.record().starts, 1U);
}

TEST_F(UpdaterTest, ATrialIsConfirmedByTheFirstHeartbeat) {
    VersionRecord record;
    record.beginTrial(version);
    folder.keep(record);
    Updater& its = begin([this](Updater::Parts& parts) {
        parts.trial = true;
        parts.running = version;
        parts.limit = std::chrono::hours(1);
    });
    its.start();
    EXPECT_EQ(its.facts().at("update-state"), "trial");
    expectError(ErrorCode::busy, [&] { its.offer(head); });
    its.heard();
    waitUntilOver();
    EXPECT_EQ(folder.record().current, version);
}

TEST_F(UpdaterTest, ATrialEndsByItself) {
    VersionRecord record;
    record.beginTrial(version);
    folder.keep(record);
    Updater& its = begin([this](Updater::Parts& parts) {
        parts.trial = true;
        parts.running = version;
        parts.limit = std::chrono::seconds(0);
    });
    its.start();
    waitUntilOver();
    EXPECT_EQ(folder.record().current, std::nullopt);
}

}  // namespace
}  // namespace coffer
