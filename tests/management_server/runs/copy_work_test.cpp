#include "management_server/runs/copy_work.h"

#include <gmock/gmock.h>

#include "core/repository/config_format.h"
#include "core/repository/server_agent.h"
#include "core/source/memory_source.h"
#include "tests/core/pipeline/pipeline_fixture.h"
#include "tests/support/expect_error.h"
#include "tests/support/memory_folder.h"

namespace coffer {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// "main" and "offsite"; "far" is a third.
struct ThreeRepositories : rpc::RepositoryProvider {
    std::shared_ptr<Repository> open(const std::string& name) override {
        return {std::shared_ptr<void>(), at(name).repository.get()};
    }
    void changed(const std::string& name) override { told.push_back(name); }

    PipelineFixture& at(const std::string& name) {
        return name == "main" ? main : name == "offsite" ? offsite : far;
    }

    PipelineFixture main;
    PipelineFixture offsite;
    PipelineFixture far;
    std::vector<std::string> told;
};

struct CopyWorkTest : testing::Test {
    CopyWorkTest() {
        source.addFolder("/a");
        source.addFile("/a/1", bytesOf("one"));
        source.addFolder("/b");
        source.addFile("/b/big", noise(400'000, 1));
        for (int round = 0; round < 2; ++round) {
            source.addFile("/a/new" + std::to_string(round), noise(1'000, 2));
            a.push_back(backup("/a"));
            b.push_back(backup("/b"));
        }
    }

    SnapshotId backup(const char* path) { return all.main.backupPaths(source, {path}).id; }

    ServerVerdict copy(RunTexts options = {}, const char* from = "main",
                       const char* to = "offsite") {
        RunRecord run;
        run.kind = run_kind::copy;
        run.repository = from;
        run.target = to;
        run.options = std::move(options);
        RunProgress progress;
        named.clear();
        ProblemLog problems([this](const Problem& it) { named.push_back(it.path); });
        return work({run, *all.at(from).repository, progress, problems, cancel});
    }

    /// What they are copies of, oldest first.
    std::vector<SnapshotId> originsIn(const char* repository) {
        std::vector<SnapshotId> origins;
        for (const Snapshot& snapshot : loadSnapshots(*all.at(repository).repository)) {
            origins.push_back(snapshot.origin ? snapshot.origin->snapshot : SnapshotId{});
        }
        return origins;
    }

    SnapshotId copyOf(const SnapshotId& snapshot) {
        for (const Snapshot& each : loadSnapshots(*all.offsite.repository)) {
            if (each.origin && each.origin->snapshot == snapshot) return each.id;
        }
        return {};
    }

    ThreeRepositories all;
    MemorySource source;
    MemoryFolder maps;
    std::vector<SnapshotId> a;
    std::vector<SnapshotId> b;
    std::vector<std::string> named;
    CancelToken cancel;
    ServerWork work = copyWork({all,
                                [this] {
                                    return [this](const AgentId& id) {
                                        const AgentId& agent = all.main.agent.id;
                                        const bool known = id == agent || id == copyAgent(agent);
                                        return std::string(known ? "laptop" : "nobody");
                                    };
                                },
                                maps.path() + "/copies"});
};

TEST_F(CopyWorkTest, CopiesTheNewestOfEachSourceOnce) {
    const ServerVerdict first = copy();
    EXPECT_EQ(first.outcome, RunOutcome::succeeded);
    EXPECT_EQ(first.counts.at("copied"), "2");
    EXPECT_THAT(originsIn("offsite"), ElementsAre(a[1], b[1]));
    EXPECT_THAT(all.told, ElementsAre("offsite", "offsite"));
    const ServerVerdict again = copy();
    EXPECT_EQ(again.counts.at("copied"), "0");
    EXPECT_EQ(again.counts.at("present"), "2");
    EXPECT_EQ(again.counts.at("read-bytes"), "0");
    EXPECT_EQ(all.offsite.verify().damaged.size(), 0U);
}

TEST_F(CopyWorkTest, AllAreThoseThatAreNotThereYet) {
    copy();
    EXPECT_EQ(copy({{"choose", "all"}}).counts.at("copied"), "2");
    EXPECT_THAT(originsIn("offsite"), ElementsAre(a[1], b[1], a[0], b[0]));
}

TEST_F(CopyWorkTest, OfAnAgentOrWithATagAlone) {
    all.main.repository->mark(b[0], [](SnapshotMark& mark) { mark.addTag("monthly"); });
    copy({{"only-agent", "desk"}, {"choose", "all"}});
    EXPECT_THAT(originsIn("offsite"), IsEmpty());
    copy({{"only-tag", "monthly"}, {"only-agent", "laptop"}});
    EXPECT_THAT(originsIn("offsite"), ElementsAre(b[0]));
    const SnapshotInfo info = findSnapshotInfo(*all.offsite.repository, "latest");
    EXPECT_THAT(info.mark.tags, ElementsAre("monthly"));
}

TEST_F(CopyWorkTest, WhatWasForgottenThereComesBackByNameAlone) {
    copy();
    all.offsite.repository->forget(copyOf(a[1]));
    copy({{"choose", "all"}});
    EXPECT_TRUE(copyOf(a[1]).isZero());
    copy({{"snapshots", a[1].hex() + "," + b[1].hex()}});
    EXPECT_FALSE(copyOf(a[1]).isZero());
    expectError(ErrorCode::notFound, [&] { copy({{"snapshots", SnapshotId{{9}}.hex()}}); });
}

TEST_F(CopyWorkTest, WhatIsInTheTrashIsThere) {
    copy();
    const SnapshotId made = copyOf(a[1]);
    all.offsite.repository->trash(std::span(&made, 1), {all.offsite.clock.now().seconds + 99, 0});
    EXPECT_EQ(copy({{"snapshots", a[1].hex()}}).counts.at("present"), "1");
}

TEST_F(CopyWorkTest, OneThatCannotBeReadKeepsNoOtherFromIt) {
    const std::string pack = all.main.largestPack();
    all.main.damage(pack, 0.5);
    const ServerVerdict verdict = copy({{"choose", "all"}});
    EXPECT_EQ(verdict.outcome, RunOutcome::warnings);
    EXPECT_EQ(verdict.counts.at("missing"), "2");
    EXPECT_THAT(originsIn("offsite"), ElementsAre(a[0], a[1]));
    EXPECT_THAT(named, ElementsAre(pack, "snapshot " + b[0].hex(), "snapshot " + b[1].hex()));
    EXPECT_EQ(all.main.packsIn(PackState::suspect), 1U);  // no backup counts on it any more
}

TEST_F(CopyWorkTest, FailsWhereTheOtherRepositoryIsNotMounted) {
    copy();
    all.offsite.store.remove(config_format::ownerName);
    expectError(
        ErrorCode::notFound, [&] { copy(); }, "mounted");
    backup("/a");
    expectError(ErrorCode::notFound, [&] { copy(); });
}

TEST_F(CopyWorkTest, ACopyOfACopyNamesTheFirst) {
    copy();
    copy({{"choose", "all"}}, "offsite", "far");
    EXPECT_THAT(originsIn("far"), ElementsAre(a[1], b[1]));
    copy({{"snapshots", a[1].hex()}}, "main", "far");
    EXPECT_EQ(originsIn("far").size(), 2U);
    // What it was made of is there.
    EXPECT_EQ(copy({{"choose", "all"}}, "offsite", "main").counts.at("present"), "2");
    EXPECT_EQ(all.main.repository->ledger().snapshots().size(), 4U);
}

TEST_F(CopyWorkTest, AnAgentThatTookTheNameIsNotWrittenFor) {
    all.offsite.repository->enrol(copyAgent(all.main.agent.id), all.main.agent.sign.verifyKey());
    expectError(
        ErrorCode::conflict, [&] { copy(); }, "sign its copies");
}

}  // namespace
}  // namespace coffer
