#include "management_server/solo/collocated_snapshots.h"

#include <gtest/gtest.h>

#include "core/console/exit_codes.h"
#include "core/console/json.h"
#include "core/repository/object_name.h"
#include "core/source/memory_source.h"
#include "tests/core/pipeline/pipeline_fixture.h"
#include "tests/support/expect_error.h"

namespace coffer::solo {
namespace {

class CollocatedSnapshotsTest : public testing::Test {
  protected:
    CollocatedSnapshotsTest() {
        source.addFolder("/data");
        source.addFile("/data/large", noise(3'000'000, 1));
        source.addFolder("/data/sub");
        source.addFile("/data/sub/small", bytesOf("small"));
        source.addSymlink("/data/sub/odd", "to \xff");
        snapshot = fixture.backupPaths(source, {"/data"});
        context.options.json = true;
    }

    /// What a verb of coffer prints.
    template <class Verb>
    std::string printed(const Verb& verb, ExitCode expected = exitSuccess) {
        CollocatedSnapshots collocated(*fixture.repository);
        testing::internal::CaptureStdout();
        const int code = verb(collocated.browsing(context));
        EXPECT_EQ(code, expected);
        return testing::internal::GetCapturedStdout();
    }

    PipelineFixture fixture;
    MemorySource source;
    Snapshot snapshot;
    Context context{{}, fixture.cancel, {}};
};

TEST_F(CollocatedSnapshotsTest, areListedAsTheyWereMade) {
    const Json list = Json::parse(
        printed([](const cli::Browsing& browsing) { return browsing.list(cli::Origin::host); }));
    ASSERT_EQ(list.size(), 1U);
    EXPECT_EQ(list[0]["id"], snapshot.id.hex());
    EXPECT_EQ(list[0]["agent"], snapshot.agent.hex());
    EXPECT_EQ(list[0]["ended"], toIso8601(snapshot.ended));
    EXPECT_EQ(list[0]["excludes"], Json::array());
    EXPECT_TRUE(list[0]["base"].is_null());
    EXPECT_EQ(list[0]["statistics"]["files"], 2);
    EXPECT_FALSE(list[0].contains("repository"));
    EXPECT_TRUE(list[0]["lastProven"].is_null());
}

TEST_F(CollocatedSnapshotsTest, tellWhenTheirSourceWasProven) {
    const Snapshot newer = fixture.backupPaths(source, {"/data"});
    const Timestamp time{1'700'000'000, 0};
    const SnapshotProof proofs[] = {{snapshot.id, time, true}, {newer.id, time, false}};
    fixture.repository->ledger().note({}, proofs);
    const Json list = Json::parse(
        printed([](const cli::Browsing& browsing) { return browsing.list(cli::Origin::host); }));
    ASSERT_EQ(list.size(), 2U);
    for (const Json& each : list) {
        EXPECT_EQ(each["lastProven"]["time"], "2023-11-14T22:13:20Z");
        EXPECT_EQ(each["lastProven"]["snapshot"], snapshot.id.hex());
        EXPECT_EQ(each["lastProven"]["whole"], true);
    }
}

TEST_F(CollocatedSnapshotsTest, areForgottenAlsoWhenTheirObjectIsLost) {
    const Snapshot newer = fixture.backupPaths(source, {"/data"});
    fixture.store.remove(snapshotName(snapshot.id));
    const auto forget = [&](const std::string& name) {
        CollocatedSnapshots collocated(*fixture.repository);
        testing::internal::CaptureStdout();
        const auto printed = [] { return testing::internal::GetCapturedStdout(); };
        try {
            collocated.forgetting(context).forget({name}, true);
        } catch (const Error& error) {
            printed();
            return std::string(error.what());
        }
        return printed();
    };
    EXPECT_NE(forget("abc").find("abc"), std::string::npos);
    EXPECT_EQ(fixture.repository->ledger().snapshots().size(), 2U);
    EXPECT_EQ(Json::parse(forget(snapshot.id.hex().substr(0, 8)))["forgotten"][0],
              snapshot.id.hex());
    const auto left = fixture.repository->ledger().snapshots();
    ASSERT_EQ(left.size(), 1U);
    EXPECT_EQ(left[0].registration.id, newer.id);
}

TEST_F(CollocatedSnapshotsTest, showEntriesExactly) {
    const Json list = Json::parse(printed([](const cli::Browsing& browsing) {
        return browsing.listFolder("latest:/data/", {.recursive = true});
    }));
    ASSERT_EQ(list.size(), 4U);
    EXPECT_EQ(list[0]["path"], "/data/large");
    EXPECT_EQ(list[2]["path"], "/data/sub/odd");
    EXPECT_EQ(list[2]["target"], "to \\xff");
    EXPECT_EQ(list[2]["targetHex"], "746f20ff");
}

TEST_F(CollocatedSnapshotsTest, canBeReadWhileSomebodyElseWrites) {
    const auto read = [](const cli::Browsing& browsing) {
        return browsing.writeOut("latest:/data/large");
    };
    const Bytes content = noise(3'000'000, 1);
    EXPECT_EQ(printed(read), textOf(content));
    Repository looking(fixture.place(), Repository::Access::peek);
    CollocatedSnapshots collocated(looking);
    testing::internal::CaptureStdout();
    EXPECT_EQ(read(collocated.browsing(context)), exitSuccess);
    EXPECT_EQ(testing::internal::GetCapturedStdout(), textOf(content));
}

TEST_F(CollocatedSnapshotsTest, areForgotten) {
    const auto work = [&](auto&& verb) {
        testing::internal::CaptureStdout();
        verb(CollocatedSnapshots(*fixture.repository).forgetting(context));
        return testing::internal::GetCapturedStdout();
    };
    const std::string id = fixture.repository->ledger().snapshots().at(0).registration.id.hex();
    work([](const cli::Forgetting& verb) { verb.forget({"latest"}, false); });
    EXPECT_EQ(loadSnapshots(*fixture.repository).size(), 0U);
    work([&](const cli::Forgetting& verb) { verb.bringBack({id.substr(0, 8)}); });
    EXPECT_EQ(loadSnapshots(*fixture.repository).size(), 1U);
    work([](const cli::Forgetting& verb) { verb.forget({"latest"}, true); });
    EXPECT_TRUE(fixture.repository->ledger().snapshots().empty());
    expectError(ErrorCode::notFound, [&] {
        CollocatedSnapshots(*fixture.repository).forgetting(context).forget({"latest"}, false);
    });
}

}  // namespace
}  // namespace coffer::solo
