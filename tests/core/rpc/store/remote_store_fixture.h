#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "core/source/memory_source.h"
#include "core/source/memory_target.h"
#include "tests/core/rpc/store/store_fixture.h"

namespace coffer::rpc {

/// Whole runs against a store that is elsewhere.
class RemoteStore : public testing::Test {
  protected:
    RemoteStore() {
        source.addFolder("/data");
        for (std::uint32_t i = 0; i < 8; ++i) {
            source.addFile(file(i), coffer::noise(400'000 + i, i));
        }
        source.addFolder("/data/sub");
        source.addFile("/data/sub/small", bytesOf("small"));
        request.host = "test";
        request.paths = {"/data"};
    }
    static std::string file(std::uint32_t number) { return "/data/f" + std::to_string(number); }

    std::unique_ptr<RemoteBackupStore> begin(Coffer::Store_ptr at, const StoreCalls& calls) {
        return std::make_unique<RemoteBackupStore>(
            at, fixture.backupToken(), fixture.pipeline.agent,
            [&](const RepositoryId& repository) {
                return baseOf(request, fixture.pipeline.scratch.path(), repository);
            },
            calls);
    }
    Snapshot backup(Coffer::Store_ptr at) {
        const auto store = begin(at, fixture.calls());
        basePinned = store->terms().basePinned;
        return fixture.pipeline.backup(source, request, *store);
    }
    void restore(RemoteRestoreStore& store, RestoreTarget& target) {
        fixture.pipeline.problems.clear();
        ProblemLog log(
            [&](const Problem& problem) { fixture.pipeline.problems.push_back(problem); });
        RunProgress progress;
        runRestore(store, store.domainKey(), store.entries().at(0).node, target, {false, 2},
                   progress, log, fixture.cancel);
    }
    void expectRestores(Coffer::Store_ptr at, const Snapshot& snapshot) {
        RemoteRestoreStore store(at, fixture.restoreToken(snapshot, {"/data"}), fixture.calls());
        EXPECT_EQ(store.entries().at(0).path, "/data");
        MemoryTarget target;
        restore(store, target);
        EXPECT_EQ(fixture.pipeline.problemText(), "");
        EXPECT_EQ(target.paths().size(), 10U);
        for (std::uint32_t i = 0; i < 8; ++i) {
            EXPECT_EQ(target.content("f" + std::to_string(i)), coffer::noise(400'000 + i, i));
        }
        EXPECT_EQ(coffer::textOf(target.content("sub/small")), "small");
    }
    void expectSound() {
        const VerifyResult result = fixture.pipeline.verify();
        EXPECT_TRUE(result.damaged.empty());
        EXPECT_TRUE(result.unregistered.empty());
        EXPECT_EQ(fixture.pipeline.problemText(), "");
    }

    StoreFixture fixture;
    MemorySource source;
    BackupRequest request;
    bool basePinned = false;
};

}  // namespace coffer::rpc
