// What a server writes into its repositories, beyond what coffer-solo does.
//
// format1-extras write REPOSITORY STATE OFFSITE STATE SNAPSHOT...: writes it into two repositories
// of coffer-solo: copies of the snapshots in the second one; in both the log of a run, and a backup
// of a server. Prints a line "SNAPSHOT COPY" for each copy.
//
// format1-extras read REPOSITORY KIT: prints what comes out of logs and backups of servers.
#include <fstream>
#include <iostream>
#include <map>
#include <span>
#include <unordered_set>

#include "core/base/error.h"
#include "core/pipeline/copy_job.h"
#include "core/repository/chunk_reader.h"
#include "core/repository/config_format.h"
#include "core/repository/read_session.h"
#include "core/repository/run_object.h"
#include "core/repository/server_agent.h"
#include "core/repository/server_backup.h"
#include "core/repository/write_session.h"
#include "core/snapshot/snapshot_catalog.h"
#include "core/storage/local_store.h"

namespace coffer {
namespace {

/// A repository and its state, as coffer-solo keeps them.
struct Opened {
    Opened(Disk& disk, const std::string& folder, const std::string& itsState)
        : store(disk, folder),
          keys(disk, itsState + "/keys"),
          state(itsState),
          repository({store, keys, itsState + "/databases", clock}, Repository::Access::write) {}

    LocalStore store;
    LocalStore keys;
    std::string state;
    SystemClock clock;
    Repository repository;
};

SnapshotId copied(Opened& from, Opened& to, const Snapshot& snapshot) {
    Repository& here = from.repository;
    Repository& there = to.repository;
    const SnapshotOrigin origin{here.config().repositoryId, snapshot.id, snapshot.agent,
                                snapshot.committed};
    const AgentId agent = copyAgent(snapshot.agent);
    there.enrol(agent, there.config().server);
    const AgentKeys keys = there.agentKeys({agent, there.keys().sign});
    CopyMap map(to.state + "/copies.db", here.config().repositoryId, there.config().repositoryId);
    const SnapshotId id = origin.copyIn(there.config().repositoryId);
    WriteSession session(there, agent, {}, {.id = id, .tags = {"copy"}});
    const std::unordered_set<SnapshotId, IdHash> present;
    ReadSession reading(here);
    ChunkReader chunks(reading, here.keys().domain(snapshot.domain).key);
    RunProgress progress;
    const CancelToken cancel;
    runCopy(
        snapshot, origin, chunks, {session, keys, map, present}, [](std::uint64_t) {}, progress,
        cancel);
    return id;
}

void writeRun(Opened& at) {
    WireWriter run;
    run.u8(1);
    run.time({1'800'000'000, 0});
    run.time({1'800'000'060, 5});
    run.sized("backup of laptop, ordered by ann: succeeded");
    run.varint(3);  // left out
    run.varint(1);
    run.varint(4);
    run.time({1'800'000'059, 0});
    run.u8(2);
    run.sized("warning");
    run.sized("/home/\xff");
    run.sized("cannot be read");
    at.store.put(runObjectName(7),
                 sealRun(at.repository.config(), at.repository.keys().sign, 7, run.bytes()));
}

void writeServerBackup(Opened& at) {
    ServerBackupWriter backup(at.store, at.repository.config(), at.repository.keys().sign, 1,
                              at.clock.now());
    backup.append("repository", bytesOf("main"));
    backup.append("server.ini", {});
    backup.append("server.db", Bytes((3 << 20) + 5, 'x'));
    backup.commit();
}

void write(std::span<char*> words) {
    const auto disk = makeSystemDisk();
    Opened from(*disk, words[0], words[1]);
    Opened to(*disk, words[2], words[3]);
    for (const char* name : words.subspan(4)) {
        const Snapshot snapshot = findSnapshot(from.repository, name);
        std::cout << snapshot.id.hex() << ' ' << copied(from, to, snapshot).hex() << '\n';
    }
    for (Opened* each : {&from, &to}) {
        writeRun(*each);
        writeServerBackup(*each);
    }
}

void read(const std::string& folder, const std::string& kitFile) {
    const auto disk = makeSystemDisk();
    LocalStore store(*disk, folder);
    std::ifstream file(kitFile);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const RootKey root = RootKey::fromSeed(RecoveryKit::fromText(text).rootSeed);
    const RepositoryConfig config = RepositoryConfig::read(store);
    const ServerKeys keys =
        openKeyObject(readAll(store, config_format::firstKeysName, config_format::configLimit),
                      config.repositoryId, root);
    for (const std::uint64_t number : keptRuns(store)) {
        std::cout << runObjectName(number) << ' '
                  << sha256(readRun(store, config, keys, number)).hex() << '\n';
    }
    for (const ServerBackupInfo& backup : serverBackups(store)) {
        std::map<std::string, Sha256> files;
        readServerBackup(store, backup, config, root,
                         [&](const std::string& name, ByteView part) { files[name].update(part); });
        for (auto& [name, digest] : files) {
            std::cout << backup.name << ' ' << name << ' ' << digest.finish().hex() << '\n';
        }
    }
}

}  // namespace
}  // namespace coffer

int main(int argc, char** argv) {
    try {
        const std::string verb = argc > 1 ? argv[1] : "";
        if (verb == "write" && argc > 6) {
            coffer::write(std::span(argv + 2, static_cast<std::size_t>(argc - 2)));
        } else if (verb == "read" && argc == 4) {
            coffer::read(argv[2], argv[3]);
        } else {
            throw coffer::Error(coffer::ErrorCode::invalidArgument, "write or read");
        }
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "format1-extras: " << error.what() << '\n';
        return 1;
    }
}
