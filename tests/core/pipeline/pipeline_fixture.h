#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/pipeline/backup_job.h"
#include "core/pipeline/restore_job.h"
#include "core/pipeline/verify_job.h"
#include "core/repository/chunk_reader.h"
#include "core/repository/read_session.h"
#include "core/repository/repository.h"
#include "core/repository/write_session.h"
#include "core/snapshot/snapshot_catalog.h"
#include "core/snapshot/tree_reader.h"
#include "core/source/data_source.h"
#include "core/storage/memory_store.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/test_repository.h"

namespace coffer {

/// A repository in memory with one agent, and what backups of it need. The kit is confirmed.
class PipelineFixture {
  public:
    PipelineFixture() {
        Repository::create(place(), {64 * 1024, 128 * 1024, 512 * 1024});
        reopen();
        kit = repository->kit();
        repository->confirmKit(*kit);
        repository->enrol(agent.id, agent.sign.verifyKey());
    }

    RepositoryPlace place() { return {store, state, scratch.path(), clock}; }

    void reopen() {
        repository.reset();
        repository = std::make_unique<Repository>(place(), Repository::Access::write);
    }

    Snapshot backup(DataSource& source, const BackupRequest& request, BackupStore& to) {
        problems.clear();
        ProblemLog log([this](const Problem& problem) { problems.push_back(problem); });
        progress = std::make_unique<RunProgress>();
        return runBackup(source, to, repository->agentKeys(agent), repository->config().chunker,
                         request, {1, 2, scratch.path()}, clock, *progress, log, cancel);
    }

    Snapshot backup(DataSource& source, const BackupRequest& request) {
        WriteSession session(*repository, agent.id,
                             baseOf(request, scratch.path(), repository->config().repositoryId));
        return backup(source, request, session);
    }

    Snapshot backupPaths(DataSource& source, const std::vector<std::string>& paths) {
        BackupRequest request;
        request.host = "test";
        request.paths = paths;
        return backup(source, request);
    }

    TreeNode node(const Snapshot& snapshot, const std::string& path) {
        ReadSession session(*repository);
        ChunkReader chunks(session, domainKey());
        return nodeAt(chunks, snapshot.root, path);
    }

    void restore(const TreeNode& node, RestoreTarget& target, bool resume = false) {
        problems.clear();
        ProblemLog log([this](const Problem& problem) { problems.push_back(problem); });
        RunProgress run;
        ReadSession session(*repository);
        runRestore(session, domainKey(), node, target, {resume, 2}, run, log, cancel);
    }

    VerifyResult verify(const VerifyDepth& depth = {}) {
        problems.clear();
        ProblemLog log([this](const Problem& problem) { problems.push_back(problem); });
        RunProgress run;
        return runVerify(*repository, {2, true, depth}, run, log, cancel);
    }

    const DomainKey& domainKey() { return repository->keys().domains.front().key; }

    std::string largestPack() {
        std::string found;
        std::uint64_t most = 0;
        store.list("packs/", [&](std::string_view name, std::uint64_t size) {
            if (size > std::exchange(most, std::max(most, size))) found = name;
        });
        return found;
    }

    // Changes an octet of an object so far into it (0: the first, under 1), behind the
    // repository's back.
    void damage(const std::string& object, double where) {
        Bytes data = readAll(store, object, 1U << 28);
        data.at(static_cast<std::size_t>(where * static_cast<double>(data.size()))) ^= 1;
        store.put(object, data);
        reopen();
    }

    std::size_t packsIn(PackState which) { return repository->ledger().packsIn(which).size(); }

    std::string problemText() const {
        std::string text;
        for (const Problem& problem : problems)
            text += problem.path + ": " + problem.message + "\n";
        return text;
    }

    MemoryStore store;
    MemoryStore state;
    ScratchFolder scratch;
    SystemClock clock;
    AgentIdentity agent = AgentIdentity::random();
    std::optional<RecoveryKit> kit;
    std::unique_ptr<Repository> repository;
    std::vector<Problem> problems;
    std::unique_ptr<RunProgress> progress;
    CancelToken cancel;
};

}  // namespace coffer
