#include "tests/faults/fault_world.h"

#include <algorithm>
#include <filesystem>

#include "core/pipeline/backup_job.h"
#include "core/pipeline/copy_job.h"
#include "core/pipeline/replicate_job.h"
#include "core/pipeline/restore_job.h"
#include "core/pipeline/verify_job.h"
#include "core/repository/chunk_reader.h"
#include "core/repository/read_session.h"
#include "core/repository/server_agent.h"
#include "core/repository/write_session.h"
#include "core/snapshot/snapshot_catalog.h"
#include "core/snapshot/snapshot_reader.h"
#include "core/source/memory_source.h"
#include "core/source/memory_target.h"

namespace coffer {

namespace {

struct SourceFile {
    std::string name;
    Bytes content;
};

Bytes octets(std::size_t size, unsigned seed) {
    Bytes data(size);
    for (std::uint8_t& octet : data) {
        seed = seed * 1664525 + 1013904223;
        octet = static_cast<std::uint8_t>(seed >> 24);
    }
    return data;
}

// One file stays the same in all versions, one changes, one is new.
std::vector<SourceFile> filesOf(unsigned version) {
    return {{"same", octets(3'000, 1)},
            {"changing", octets(5'000, 100 + version)},
            {"new-" + std::to_string(version), octets(200, 200 + version)}};
}

void removeFiles(Disk& disk, const std::string& folder) {
    if (!disk.stat(folder)) return;
    for (const DiskEntry& entry : disk.list(folder)) disk.unlink(folder + "/" + entry.name);
}

void copyFiles(Disk& from, Disk& to, const std::string& folder) {
    if (!from.stat(folder)) return;
    to.makeFolder(folder);
    for (const DiskEntry& entry : from.list(folder)) {
        const std::string path = folder + "/" + entry.name;
        Bytes content(static_cast<std::size_t>(entry.size));
        from.open(path)->read(0, content);
        const auto file = to.create(path);
        file->write(content);
        file->sync();
    }
    to.syncFolder(folder);
}

class Findings {
  public:
    ProblemLog& log() { return log_; }
    const std::string& text() const { return text_; }

  private:
    std::string text_;
    ProblemLog log_{
        [this](const Problem& problem) { text_ += problem.path + ": " + problem.message + "\n"; }};
};

}  // namespace

FaultWorld::FaultWorld(std::unique_ptr<SimulatedDisk> itsDisk) : disk(std::move(itsDisk)) {
    for (ServerSide* side : sides()) side->attach(*disk);
}

std::unique_ptr<FaultWorld> FaultWorld::after(CrashMode mode, CrashMode ofIndexes) const {
    auto survivor = disk->reopen(mode);
    if (ofIndexes != mode) {
        const auto other = disk->reopen(ofIndexes);
        for (const ServerSide* side : sides()) {
            removeFiles(*survivor, side->index.folder);
            copyFiles(*other, *survivor, side->index.folder);
        }
        survivor = survivor->reopen(CrashMode::killed);  // that was no part of its life
    }
    auto world = std::make_unique<FaultWorld>(std::move(survivor));
    for (std::size_t i = 0; i < sides().size(); ++i) {
        const ServerSide* from = sides()[i];
        ServerSide* to = world->sides()[i];
        to->faults.reset();
        from->faults->copyAfter(mode, to->databases.path());
        to->attach(*world->disk);
    }
    return world;
}

void FaultWorld::loseDatabases() {
    for (ServerSide* side : sides()) {
        side->faults.reset();
        for (const auto& entry : std::filesystem::directory_iterator(side->databases.path())) {
            std::filesystem::remove_all(entry.path());
        }
        removeFiles(*disk, side->index.folder);
        side->attach(*disk);
    }
}

Digest FaultWorld::fingerprint() const {
    Sha256 hash;
    const auto add = [&](std::string_view name, ByteView content) {
        hash.update(sha256(bytesOf(name)).view());
        hash.update(sha256(content).view());
    };
    std::vector<std::string> folders{"/"};
    while (!folders.empty()) {
        const std::string folder = folders.back();
        folders.pop_back();
        for (const DiskEntry& entry : disk->list(folder)) {
            const std::string path = (folder == "/" ? "" : folder) + "/" + entry.name;
            Bytes content(static_cast<std::size_t>(entry.size));
            if (entry.kind == DiskKind::folder) {
                folders.push_back(path);
            } else {
                disk->open(path)->read(0, content);
            }
            add(path, content);
        }
    }
    for (const ServerSide* side : sides()) {
        for (const auto& [name, content] : side->faults->contents()) add(name, content);
    }
    return hash.finish();
}

SnapshotId backUpVersion(Repository& repository, const AgentIdentity& agent, unsigned version) {
    WriteSession session(repository, agent.id, std::nullopt);
    return backUpVersion(repository, session, agent, version);
}

SnapshotId backUpVersion(Repository& repository, WriteSession& session, const AgentIdentity& agent,
                         unsigned version) {
    MemorySource source;
    source.addFolder("/data");
    for (const SourceFile& file : filesOf(version)) {
        source.addFile("/data/" + file.name, file.content);
    }
    BackupRequest request;
    request.host = "test";
    request.paths = {"/data"};
    const MemoryFolder cache;
    RunProgress progress;
    Findings findings;
    const CancelToken cancel;
    const Snapshot snapshot = runBackup(source, session, repository.agentKeys(agent),
                                        repository.config().chunker, request, {1, 1, cache.path()},
                                        repository.clock(), progress, findings.log(), cancel);
    if (!findings.text().empty()) throw Error(ErrorCode::internal, findings.text());
    return snapshot.id;
}

SnapshotId copySnapshot(Repository& from, Repository& to, const SnapshotInfo& info,
                        const std::string& map) {
    const Snapshot snapshot = loadSnapshot(from, info);
    const SnapshotOrigin origin{from.config().repositoryId, snapshot.id, snapshot.agent,
                                snapshot.committed};
    const SnapshotId id = origin.copyIn(to.config().repositoryId);
    if (to.ledger().snapshot(id)) return id;
    const AgentId agent = copyAgent(snapshot.agent);
    to.enrol(agent, to.config().server);
    const AgentKeys keys = to.agentKeys({agent, to.keys().sign});
    CopyMap copied(map, from.config().repositoryId, to.config().repositoryId);
    WriteSession session(to, agent, {}, {.id = id, .tags = {"copy"}});
    std::unordered_set<SnapshotId, IdHash> present;
    for (const SnapshotInfo& there : to.ledger().snapshots()) present.insert(there.registration.id);
    ReadSession reading(from);
    ChunkReader chunks(reading, from.keys().domain(snapshot.domain).key);
    RunProgress progress;
    const CancelToken cancel;
    runCopy(
        snapshot, origin, chunks, {session, keys, copied, present}, [](std::uint64_t) {}, progress,
        cancel);
    copied.noteCopied(id);
    return id;
}

std::string differences(Repository& repository, const SnapshotId& id, unsigned version) {
    const auto info = repository.ledger().snapshot(id);
    if (!info) return "the snapshot is not there";
    try {
        const Snapshot snapshot = loadSnapshot(repository, *info);
        SnapshotReader reader(repository, info->registration.domain);
        MemoryTarget target;
        RunProgress progress;
        Findings findings;
        const CancelToken cancel;
        runRestore(reader.session(), repository.keys().domain(info->registration.domain).key,
                   reader.nodeAt(snapshot, "/data"), target, {false, 1}, progress, findings.log(),
                   cancel);
        std::string text = findings.text();
        for (const SourceFile& file : filesOf(version)) {
            if (target.content(file.name) != file.content) text += file.name + " differs\n";
        }
        return text;
    } catch (const Error& error) {
        return error.what();
    }
}

std::string verifyProblems(Repository& repository, bool record) {
    RunProgress progress;
    Findings findings;
    const CancelToken cancel;
    const VerifyResult result =
        runVerify(repository, {1, record, {}}, progress, findings.log(), cancel);
    return findings.text() + (result.damaged.empty() ? "" : "there are damaged packs");
}

std::string indexProblems(Repository& repository) {
    std::string text;
    for (const PackInfo& pack : repository.ledger().packs()) {
        const PackId& id = pack.registration.pack;
        for (const BlockPlace& block : repository.openPack(id)->directory().blocks) {
            for (const ChunkPlace& chunk : block.chunks) {
                const auto places = repository.index().find({&chunk.id, 1}).at(0);
                if (std::ranges::find(places, id, &ChunkLocation::pack) == places.end()) {
                    text += "a chunk of pack " + id.hex() + " is not found\n";
                }
                for (const ChunkLocation& place : places) {
                    if (repository.ledger().stateOf(place.pack) != PackState::gone) continue;
                    text += "pack " + place.pack.hex() + " is gone\n";
                }
            }
        }
    }
    return text;
}

std::string pruneProblems(Repository& repository, PruneResult& result) {
    RunProgress progress;
    Findings findings;
    const CancelToken cancel;
    result = runPrune(repository, {}, progress, findings.log(), cancel);
    return findings.text();
}

std::string replicateProblems(FaultWorld& world, bool verify) {
    RunProgress progress;
    Findings findings;
    const CancelToken cancel;
    const Retry retry({2, {}, {}}, [](std::chrono::nanoseconds) {});
    runReplicate(world.repository, world.replica, {verify}, retry, progress, findings.log(),
                 cancel);
    return findings.text();
}

}  // namespace coffer
