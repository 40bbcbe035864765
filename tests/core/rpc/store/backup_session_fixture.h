#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "core/rpc/convert.h"
#include "core/rpc/store/forms.h"
#include "tests/core/rpc/store/store_fixture.h"
#include "tests/support/test_repository.h"

namespace coffer::rpc {

/// A pack as an agent makes it, before it is sent.
struct MadePack {
    Bytes octets;
    PackRegistration registration;
    std::vector<ChunkId> chunks;
};

class CollectingUpload : public PackUpload {
  public:
    CollectingUpload(const PackId& id, MadePack& to) : id_(id), to_(to) {}
    PackId id() const override { return id_; }
    void append(ByteView slice) override { coffer::append(to_.octets, slice); }
    void finish(const PackRegistration& registration) override { to_.registration = registration; }

  private:
    const PackId id_;
    MadePack& to_;
};

class BackupSessionTest : public testing::Test {
  protected:
    explicit BackupSessionTest(const StoreLimits& limits = {.openPacks = 3}) : fixture(limits) {}

    Coffer::BackupSession_var begin(const Bytes& token) {
        Coffer::BackupTerms_var terms;
        CORBA::Boolean pinned = false;
        Coffer::BackupSession_var session;
        call("begin", [&] {
            session =
                fixture.store->beginBackup(lend(token), Coffer::Octets(), terms.out(), pinned);
        });
        return session;
    }
    Coffer::BackupSession_var begin() { return begin(fixture.backupToken()); }

    AgentKeys keys() const {
        return fixture.pipeline.repository->agentKeys(fixture.pipeline.agent);
    }

    MadePack makePack(const PackId& id, const AgentKeys& agent, const std::string& content,
                      std::size_t size = 100'000) {
        MadePack made;
        PackWriter writer(agent, std::make_unique<CollectingUpload>(id, made));
        TestChunk chunk = treeChunk(content, {});
        coffer::append(chunk.content, coffer::noise(size, 3));
        made.chunks.push_back(idOf(agent, chunk));
        addBlock(writer, agent, std::vector<TestChunk>{chunk});
        writer.finish();
        return made;
    }

    PackId open(const Coffer::BackupSession_var& at) {
        Coffer::Octets_var id;
        call("open", [&] { id = at->openPack(); });
        return toId<PackId>(id);
    }
    CORBA::ULong append(const Coffer::BackupSession_var& at, const PackId& id, std::uint64_t offset,
                        ByteView slice) {
        return call("append", [&] { return at->append(toOctets(id), offset, lend(slice)); });
    }
    void finish(const Coffer::BackupSession_var& at, const PackRegistration& registration) {
        call("finish", [&] { at->finishPack(toEntry(registration)); });
    }
    Timestamp commit(const Coffer::BackupSession_var& at, const SealedSnapshot& snapshot) {
        return call("commit", [&] {
            return toTimestamp(at->commit(toEntry(snapshot.registration), lend(snapshot.object)));
        });
    }
    MadePack send(const Coffer::BackupSession_var& at, const std::string& content) {
        const PackId id = open(at);
        MadePack made = makePack(id, keys(), content);
        append(at, id, 0, made.octets);
        finish(at, made.registration);
        return made;
    }
    std::vector<bool> missing(const Coffer::BackupSession_var& at, std::vector<ChunkId> ids) {
        Coffer::Flags_var flags;
        call("missing", [&] { flags = at->missing(lendIds(ids)); });
        std::vector<bool> answer;
        for (CORBA::ULong i = 0; i < flags->length(); ++i) answer.push_back(flags[i]);
        return answer;
    }

    Ledger& ledger() { return fixture.pipeline.repository->ledger(); }

    StoreFixture fixture;
};

}  // namespace coffer::rpc
