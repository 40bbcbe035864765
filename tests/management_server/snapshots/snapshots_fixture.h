#pragma once

#include <gtest/gtest.h>

#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "core/source/memory_source.h"
#include "management_server/access/upcall.h"
#include "management_server/events/event_recorder.h"
#include "management_server/snapshots/snapshot_manager.h"
#include "tests/core/pipeline/pipeline_fixture.h"
#include "tests/support/expect_error.h"
#include "tests/support/test_orb.h"

namespace coffer {

/// Gives one repository, under the name "main".
class MainRepository : public rpc::RepositoryProvider {
  public:
    explicit MainRepository(PipelineFixture& fixture) : fixture_(fixture) {}
    std::shared_ptr<Repository> open(const std::string& name) override {
        if (name != "main") throw Error(ErrorCode::notFound, "there is no repository " + name);
        return {std::shared_ptr<void>(), fixture_.repository.get()};
    }
    void changed(const std::string&) override {}

  private:
    PipelineFixture& fixture_;
};

/// A repository with two snapshots of "/data", and a user's SnapshotManager.
class SnapshotsFixture : public testing::Test {
  protected:
    SnapshotsFixture() {
        static int number = 0;
        const std::string suffix = std::to_string(++number);
        const PortableServer::POA_var leases = testOrb().poa("iterators-" + suffix);
        iterators.emplace(leases, clock, rpc::LeaseLimits{});
        const PortableServer::Servant_var<SnapshotManager> servant =
            new SnapshotManager({.sessions = sessions,
                                 .repositories = repositories,
                                 .iterators = *iterators,
                                 .readers = readers,
                                 .shelf = shelf,
                                 .events = events,
                                 .retention = retention,
                                 .agents =
                                     [this] {
                                         return AgentNames{{backups.agent.id, "laptop"}};
                                     },
                                 .proofs = [this](const std::string&) { return proofs; }});
        const PortableServer::POA_var poa = testOrb().poa("snapshots-" + suffix, servant);
        session = sessions.begin("ann");
        const CORBA::Object_var object =
            referenceIn(testOrb(), "snapshots-" + suffix, session.id.view(),
                        Coffer::SnapshotManager::_PD_repoId);
        manager = Coffer::SnapshotManager::_narrow(object);

        source.addFolder("/data");
        source.addFile("/data/a", bytesOf("first"));
        source.addFile("/data/big", noise(700'000, 1));
        source.addFolder("/data/sub");
        source.addFile("/data/sub/c", bytesOf("third"));
        source.addSymlink("/data/sub/link", "../a");
        first = backups.backupPaths(source, {"/data"}).id.hex();
        source.remove("/data/a");
        source.addFile("/data/new", bytesOf("new"));
        source.change("/data/sub/c", [](MemoryEntry& entry) {
            entry.setContent(toBytes(bytesOf("changed")));
            entry.stat.ctime.seconds += 5;
        });
        second = backups.backupPaths(source, {"/data"}).id.hex();
    }
    ~SnapshotsFixture() override { iterators.reset(); }

    /// What a call throws, as an Error.
    template <class Work>
    void expectFailed(ErrorCode code, Work&& work, const std::string& text = "") {
        expectError(
            code, [&] { rpc::call("test", std::forward<Work>(work)); }, text);
    }

    static std::vector<std::string> namesIn(const Coffer::Entries& entries) {
        std::vector<std::string> names;
        for (CORBA::ULong i = 0; i < entries.length(); ++i) {
            names.push_back(rpc::textOf(entries[i].name));
        }
        return names;
    }

    Coffer::Entry stat(const std::string& path, const std::string& snapshot = "latest") {
        const Coffer::Entry_var entry = manager->stat("main", snapshot.c_str(), rpc::toPath(path));
        return entry.in();
    }

    std::string read(const std::string& path, std::uint64_t offset, std::uint32_t length,
                     const std::string& snapshot = "latest") {
        const Coffer::Octets_var data =
            manager->read("main", snapshot.c_str(), rpc::toPath(path), offset, length);
        return std::string(textOf(rpc::viewOf(data)));
    }

    /// Loses every pack.
    void damageAll() {
        std::vector<std::string> packs;
        backups.store.list("packs/",
                           [&](std::string_view name, std::uint64_t) { packs.emplace_back(name); });
        for (const std::string& name : packs) backups.store.remove(name);
        backups.reopen();
    }

    ManualClock clock;
    PipelineFixture backups;
    MemorySource source;
    MainRepository repositories{backups};
    ServerDatabase database{backups.scratch / "server.db"};
    EventRecorder events{database, clock};
    SessionTable sessions{clock, sessionCalls(everyRole)};
    ReaderPool readers;
    SnapshotShelf shelf;
    std::vector<SourceRuns> runs;
    SnapshotRetention retention{{.repositories = repositories,
                                 .shelf = shelf,
                                 .clock = backups.clock,
                                 .histories = [this](const std::string&) { return runs; },
                                 .graceSeconds = 7 * 86400}};
    std::optional<rpc::LeaseKeeper> iterators;
    UserSession session;
    std::vector<SourceProof> proofs;  // the newest first
    Coffer::SnapshotManager_var manager;
    std::string first;
    std::string second;
};

}  // namespace coffer
