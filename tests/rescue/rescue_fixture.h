#pragma once

#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "core/pipeline/backup_job.h"
#include "core/repository/repository.h"
#include "core/repository/write_session.h"
#include "core/source/file_system_source.h"
#include "core/storage/local_store.h"
#include "core/storage/memory_store.h"
#include "rescue/opened_repository.h"
#include "rescue/verbs.h"
#include "tests/support/scratch_folder.h"

namespace coffer::rescue {

/// A repository on disk that the real pipeline fills, and the rescue program's view of it.
class RescueFixture {
  public:
    explicit RescueFixture(const ChunkerParameters& chunker = {64 * 1024, 128 * 1024, 512 * 1024}) {
        coffer::Repository::create(place(), chunker);
        server = std::make_unique<coffer::Repository>(place(), coffer::Repository::Access::write);
        kitText = server->kit().toText({}, "here");
        server->confirmKit(server->kit());
        server->enrol(agent.id, agent.sign.verifyKey());
    }

    RepositoryPlace place() { return {store, state, databases.path(), clock}; }
    std::string path() const { return folder / "repository"; }
    Kit kit() const { return readKit(kitText); }

    coffer::Snapshot backup(const std::string& what) {
        coffer::BackupRequest request;
        request.host = "test";
        request.paths = {what};
        ProblemLog log([](const Problem&) {});
        RunProgress progress;
        CancelToken cancel;
        FileSystemSource source;
        const AgentKeys keys = server->agentKeys(agent);
        WriteSession session(*server, agent.id,
                             baseOf(request, databases.path(), keys.repositoryId));
        return runBackup(source, session, keys, server->config().chunker, request,
                         {1, 1, databases.path()}, clock, progress, log, cancel);
    }

    /// Opens the repository with the kit and runs `work`; what is reported goes to `problems`.
    template <class Work>
    void rescue(Work&& work) {
        problems.clear();
        ProblemReport report([this](const std::string& line) { problems += line + "\n"; });
        const OpenedRepository repository(path(), kit(), report);
        work(repository, report);
    }

    std::string list() {
        std::ostringstream out;
        rescue(
            [&](const auto& repository, auto& report) { listSnapshots(repository, out, report); });
        return out.str();
    }

    std::string ls(const std::string& selection) {
        std::ostringstream out;
        rescue([&](const auto& repository, auto& report) {
            listFolder(repository, Selection::parse(selection), out, report);
        });
        return out.str();
    }

    void restoreTo(const std::string& selection, const std::string& to) {
        rescue([&](const auto& repository, auto& report) {
            restore(repository, Selection::parse(selection), to, report);
        });
    }

    std::string check() {
        std::ostringstream out;
        rescue([&](const auto& repository, auto& report) {
            coffer::rescue::check(repository, out, report);
        });
        return out.str();
    }

    /// The files below a part of the repository, ascending.
    std::vector<std::string> objects(const std::string& prefix) {
        std::vector<std::string> names;
        store.list(prefix, [&](std::string_view name, std::uint64_t) { names.emplace_back(name); });
        return names;
    }

    /// Flips a bit of an object on the disk.
    void flip(const std::string& object, std::uint64_t offset) {
        Bytes octets = readAll(store, object, 256 * 1024 * 1024);
        octets.at(static_cast<std::size_t>(offset)) ^= 0x10;
        store.put(object, octets);
    }

    ScratchFolder folder;
    ScratchFolder databases;
    std::unique_ptr<Disk> disk = makeSystemDisk();
    LocalStore store{*disk, path()};
    MemoryStore state;
    SystemClock clock;
    AgentIdentity agent = AgentIdentity::random();
    std::unique_ptr<coffer::Repository> server;
    std::string kitText;
    std::string problems;
};

}  // namespace coffer::rescue
