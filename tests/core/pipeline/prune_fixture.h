#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "core/pipeline/prune_job.h"
#include "core/repository/write_session.h"
#include "tests/support/test_repository.h"

namespace coffer {

/// Snapshots made chunk by chunk, and prunes of their repository.
struct PruneFixture : testing::Test {
    using Session = std::unique_ptr<WriteSession>;

    Session begin(const std::optional<SnapshotId>& base = {}) {
        return std::make_unique<WriteSession>(*setting, setting.agent.id, base);
    }

    WrittenPack send(WriteSession& session, const std::vector<TestChunk>& chunks) {
        return writePack(session, setting.keys(), chunks);
    }

    // Commits a root that refers to these chunks, in a pack of its own.
    SnapshotId commit(WriteSession& session, const std::string& name,
                      const std::vector<ChunkId>& references) {
        const TestChunk root = treeChunk("root of " + name, references);
        send(session, {root});
        const SealedSnapshot snapshot = sealedSnapshot(setting.keys(), id(root), name);
        session.commit(snapshot);
        return snapshot.registration.id;
    }

    // A whole backup: one pack with the chunks, one with the root above them.
    SnapshotId backUp(const std::string& name, const std::vector<TestChunk>& chunks) {
        const Session session = begin();
        return commit(*session, name, send(*session, chunks).chunks);
    }

    bool promised(WriteSession& session, const TestChunk& chunk) {
        const ChunkId asked = id(chunk);
        return !session.missing({&asked, 1})[0];
    }

    // As the server's verification of what was received does.
    void verifyAll() {
        for (const PackId& pack : setting->ledger().packsIn(PackState::received)) {
            setPackState(*setting, pack, PackState::verified);
        }
    }

    PruneResult prune(const PruneSettings& settings = {}) {
        RunProgress progress;
        ProblemLog problems([](const Problem& it) { ADD_FAILURE() << it.path << it.message; });
        return runPrune(*setting, settings, progress, problems, cancel);
    }

    ChunkId id(const TestChunk& chunk) { return idOf(setting.keys(), chunk); }

    bool isThere(const TestChunk& chunk) {
        try {
            return readChunk(*setting, id(chunk)) == chunk.content;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::notFound) << error.what();
            return false;
        }
    }

    PackState stateOf(const WrittenPack& pack) { return setting->ledger().stateOf(pack.id); }
    PackTotals totals(PackState state) { return setting->ledger().totals(state); }

    std::size_t objects(std::string_view folder) {
        std::size_t count = 0;
        setting.store.list(folder, [&](std::string_view, std::uint64_t) { ++count; });
        return count;
    }

    TestRepository setting;
    CancelToken cancel;
    const TestChunk small = dataChunk("small");
    const TestChunk large{ChunkKind::data, noise(20'000, 1), {}};
    const TestChunk other{ChunkKind::data, noise(20'000, 2), {}};
};

}  // namespace coffer
