#include <gtest/gtest.h>

#include <functional>

#include "core/base/random.h"
#include "core/source/memory_source.h"
#include "tests/core/pipeline/pipeline_fixture.h"

namespace coffer {
namespace {

using References = std::vector<ChunkId>;

/// What a verification finds while other work goes on, or was cut.
class Verify : public testing::Test {
  protected:
    Verify() {
        source.addFolder("/data");
        source.addFile("/data/a", noise(300'000, 1));
    }

    Snapshot backup() { return fixture.backupPaths(source, {"/data"}); }

    /// Sends and registers a pack that holds one list of chunks with these references.
    ChunkId sendList(BackupStore& session, const References& references,
                     std::string_view content = "content") {
        const AgentKeys keys = fixture.repository->agentKeys(fixture.agent);
        BlockContent block;
        block.kind = ChunkKind::list;
        const ChunkId id = ChunkHasher(keys.domain.key).id(block.kind, bytesOf(content));
        block.chunks.push_back({id, static_cast<std::uint32_t>(content.size()), references});
        block.rawLength = static_cast<std::uint32_t>(content.size());
        PackWriter writer(keys, session.openPack());
        Compressor compressor(1);
        writer.add(std::move(block), compressor.compress(bytesOf(content)));
        writer.finish();
        return id;
    }
    std::unique_ptr<WriteSession> session() {
        return std::make_unique<WriteSession>(*fixture.repository, fixture.agent.id, std::nullopt);
    }

    /// Verifies; `before` comes before it, `work` when it has listed the packs and reads the first.
    void verify(const std::function<void()>& before, const std::function<void()>& work) {
        ProblemLog log([this](const Problem& problem) { fixture.problems.push_back(problem); });
        RunProgress progress;
        fixture.problems.clear();
        InTheMiddle repository(fixture, work);
        before();
        repository.arm();
        runVerify(*repository, {1, true, {}}, progress, log, fixture.cancel);
    }

    /// The fixture's repository, whose store does something else when a pack is first read.
    class InTheMiddle {
      public:
        InTheMiddle(PipelineFixture& fixture, const std::function<void()>& work)
            : store_(fixture.store, work) {
            fixture.repository = std::make_unique<Repository>(
                RepositoryPlace{store_, fixture.state, fixture.scratch.path(), fixture.clock},
                Repository::Access::write);
            repository_ = fixture.repository.get();
            fixture_ = &fixture;
        }
        ~InTheMiddle() { fixture_->reopen(); }
        void arm() { store_.armed = true; }
        InTheMiddle(const InTheMiddle&) = delete;
        InTheMiddle& operator=(const InTheMiddle&) = delete;

        Repository& operator*() { return *repository_; }

      private:
        struct Store : ObjectStore {
            Store(ObjectStore& of, const std::function<void()>& then) : real(of), work(then) {}
            std::unique_ptr<ObjectWriter> create(std::string_view name) override {
                return real.create(name);
            }
            void put(std::string_view name, ByteView data) override { real.put(name, data); }
            void read(std::string_view name, std::uint64_t offset,
                      std::span<std::uint8_t> out) override {
                if (name.starts_with("packs/") && std::exchange(armed, false)) work();
                real.read(name, offset, out);
            }
            std::optional<std::uint64_t> size(std::string_view name) override {
                return real.size(name);
            }
            void list(std::string_view prefix,
                      const std::function<void(std::string_view, std::uint64_t)>& each) override {
                real.list(prefix, each);
            }
            void remove(std::string_view name) override { real.remove(name); }

            ObjectStore& real;
            const std::function<void()>& work;
            bool armed = false;
        };
        Store store_;
        Repository* repository_ = nullptr;
        PipelineFixture* fixture_ = nullptr;
    };

    PipelineFixture fixture;
    MemorySource source;
};

TEST_F(Verify, WhatACutBackupLeftIsNoDamage) {
    backup();
    {
        const auto cut = session();
        const ChunkId below = sendList(*cut, {randomId<ChunkId>()}, "below");
        sendList(*cut, {below}, "above");
    }
    const VerifyResult result = fixture.verify();
    EXPECT_EQ(fixture.problemText(), "");
    EXPECT_TRUE(result.damaged.empty());
}

TEST_F(Verify, ABackupThatEndsMeanwhileIsNoDamage) {
    backup();
    const ChunkId late = ChunkHasher(fixture.domainKey()).id(ChunkKind::list, bytesOf("late"));
    std::unique_ptr<WriteSession> running;
    ChunkId root;
    verify(
        [&] {
            running = session();
            root = sendList(*running, {late}, "early");
        },
        [&] {
            sendList(*running, {}, "late");
            const AgentKeys keys = fixture.repository->agentKeys(fixture.agent);
            running->commit(
                sealSnapshot(keys, randomId<SnapshotId>(), root, false, bytesOf("body")));
            running.reset();
        });
    EXPECT_EQ(fixture.problemText(), "");
    EXPECT_EQ(fixture.repository->ledger().snapshots().size(), 2U);
}

TEST_F(Verify, ASnapshotForgottenMeanwhileIsNoDamage) {
    const Snapshot first = backup();
    verify([] {}, [&] { fixture.repository->forget(first.id); });
    EXPECT_EQ(fixture.problemText(), "");
}

TEST_F(Verify, NamesTheSnapshotsThatDamageReaches) {
    const Snapshot hit = backup();
    source.addFolder("/other");
    source.addFile("/other/b", noise(300'000, 3));
    const Snapshot sound = fixture.backupPaths(source, {"/other"});
    std::string pack;  // one with content, of either backup
    fixture.store.list("packs/", [&](std::string_view name, std::uint64_t size) {
        if (size > 200'000) pack = name;
    });
    fixture.store.remove(pack);
    fixture.reopen();
    fixture.verify();
    const std::string text = fixture.problemText();
    EXPECT_NE(text.find(pack), std::string::npos) << text;
    const bool first = text.find(hit.id.hex()) != std::string::npos;
    const bool second = text.find(sound.id.hex()) != std::string::npos;
    EXPECT_NE(first, second) << text;
}

}  // namespace
}  // namespace coffer
