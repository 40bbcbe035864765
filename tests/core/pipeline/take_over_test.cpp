// What a backup takes over from its base, and what it asks the repository about that.
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <set>

#include "core/source/memory_source.h"
#include "core/source/memory_target.h"
#include "tests/core/pipeline/pipeline_fixture.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

/// A store that is asked across a network: it counts how often, and says of some chunks the first
/// time that it has lost them.
class AskedStore : public BackupStore {
  public:
    explicit AskedStore(BackupStore& store) : store_(store) {}
    const SessionTerms& terms() const override { return store_.terms(); }
    std::unique_ptr<PackUpload> openPack() override { return store_.openPack(); }
    Timestamp commit(const SealedSnapshot& snapshot) override { return store_.commit(snapshot); }

    std::vector<bool> missing(std::span<const ChunkId> ids) override {
        std::vector<bool> answer = store_.missing(ids);
        state_.with([&](State& state) {
            if (!ids.empty()) ++state.questions;
            for (std::size_t i = 0; i < ids.size(); ++i) {
                if (state.lost.erase(ids[i]) > 0) answer[i] = true;
            }
        });
        if (onQuestion) onQuestion();
        return answer;
    }

    std::function<void()> onQuestion;

    void lose(const ChunkId& id) {
        state_.with([&](State& state) { state.lost.insert(id); });
    }
    std::size_t questions() const {
        return state_.with([](const State& state) { return state.questions; });
    }

  private:
    struct State {
        std::set<ChunkId> lost;
        std::size_t questions = 0;
    };
    BackupStore& store_;
    Guarded<State> state_;
};

class TakeOver : public testing::Test {
  protected:
    TakeOver() {
        request.host = "test";
        request.paths = {"/data"};
        source.addFolder("/data");
    }

    static std::string folder(int number) { return "/data/f" + std::to_string(number); }

    void addFolders(int count) {
        for (int i = 0; i < count; ++i) {
            source.addFolder(folder(i));
            source.addFolder(folder(i) + "/below");
            for (const char* name : {"/a", "/b", "/below/c"}) {
                source.addFile(folder(i) + name, bytesOf(folder(i) + name));
            }
        }
    }

    Snapshot first() { return fixture.backup(source, request); }

    /// Another backup on top of it, with chunks that are lost meanwhile.
    Snapshot second(const std::vector<ChunkId>& lost = {}) {
        WriteSession session(
            *fixture.repository, fixture.agent.id,
            baseOf(request, fixture.scratch.path(), fixture.repository->config().repositoryId));
        AskedStore store(session);
        for (const ChunkId& id : lost) store.lose(id);
        store.onQuestion = onQuestion;
        const Snapshot snapshot = fixture.backup(source, request, store);
        questions = store.questions();
        return snapshot;
    }

    std::unique_ptr<MemoryTarget> restored(const Snapshot& snapshot) {
        auto target = std::make_unique<MemoryTarget>();
        fixture.restore(fixture.node(snapshot, "/data"), *target);
        return target;
    }

    ChunkId contentOf(const Snapshot& snapshot, const std::string& path) {
        return *fixture.node(snapshot, path).content.extents.at(0).chunk;
    }

    PipelineFixture fixture;
    MemorySource source;
    BackupRequest request;
    std::function<void()> onQuestion;  // of the second backup
    std::size_t questions = 0;
};

TEST_F(TakeOver, ManyChangedFoldersAskTogether) {
    addFolders(300);
    first();
    second();
    EXPECT_EQ(questions, 0U);
    for (int i = 0; i < 300; ++i) source.addFile(folder(i) + "/new", bytesOf("n"));
    const Snapshot snapshot = second();
    EXPECT_LE(questions, 20U);
    EXPECT_EQ(fixture.problemText(), "");
    const auto target = restored(snapshot);
    EXPECT_EQ(target->paths().size(), 300U * 6);
    EXPECT_EQ(target->content("f17/b"), toBytes(bytesOf("/data/f17/b")));
}

// Also when nobody knows whether the base is still there.
TEST_F(TakeOver, AForgottenBaseIsAskedAboutTogether) {
    addFolders(300);
    const Snapshot before = first();
    fixture.repository->forget(before.id);
    const std::uint64_t opened = source.filesOpened();
    EXPECT_EQ(second().root.tree, before.root.tree);
    EXPECT_EQ(source.filesOpened(), opened);
    EXPECT_LE(questions, 20U);
}

// The node is that of what was read, in its own place.
TEST_F(TakeOver, WhatIsMissingIsReadAgain) {
    addFolders(3);
    const Snapshot before = first();
    source.addFile(folder(1) + "/new", bytesOf("n"));
    source.change(folder(1) + "/a", [](MemoryEntry& entry) {
        const Stat stat = entry.stat;
        entry.setContent(toBytes(bytesOf("/data/fX/a")));
        entry.stat = stat;  // looks as it did
    });
    const std::uint64_t opened = source.filesOpened();
    const Snapshot after = second({contentOf(before, folder(1) + "/a")});
    EXPECT_EQ(source.filesOpened(), opened + 2);
    const auto target = restored(after);
    EXPECT_EQ(target->content("f1/a"), toBytes(bytesOf("/data/fX/a")));
    EXPECT_EQ(target->content("f1/b"), toBytes(bytesOf("/data/f1/b")));
    EXPECT_EQ(target->content("f1/new"), toBytes(bytesOf("n")));
    EXPECT_EQ(target->content("f2/a"), toBytes(bytesOf("/data/f2/a")));
}

TEST_F(TakeOver, WhatIsMissingAndGoneEndsTheRun) {
    addFolders(1);
    const Snapshot before = first();
    source.addFile(folder(0) + "/new", bytesOf("n"));
    const ChunkId lost = contentOf(before, folder(0) + "/a");
    std::atomic_flag gone;
    onQuestion = [&] {
        if (!gone.test_and_set()) source.remove(folder(0) + "/a");
    };
    expectError(
        ErrorCode::conflict, [&] { second({lost}); }, "vanished");
}

}  // namespace
}  // namespace coffer
