#include "management_server/runs/run_manager.h"

#include <limits>
#include <memory>
#include <utility>

#include "core/base/error.h"
#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "core/rpc/waiting.h"
#include "management_server/runs/run_options.h"
#include "management_server/runs/run_view.h"
#include "management_server/runs/sync_choice.h"

namespace coffer {

namespace {

constexpr CORBA::ULong longestList = 1'000;

}  // namespace

CORBA::LongLong RunManager::begin(const UserSession& session, RunRecord run) {
    return sessions_.audited(session, {"run-ordered", shownRun(run), {}, hooksIn(run.options)},
                             [&] { return runs_.add(std::move(run)); });
}

// By hand they take what a task with hooks takes.
void RunManager::checkHooks(const UserSession& session, const std::string& agent,
                            const RunTexts& options) const {
    if (!hooksIn(options).empty()) sessions_.check(session, Right::manageTasks, Scope::of(agent));
}

CORBA::LongLong RunManager::startOfRepository(const char* operation, const char* kind,
                                              const char* repository,
                                              const Coffer::Settings& options) {
    return rpc::serve(operation, [&]() -> CORBA::LongLong {
        const UserSession session = sessions_.require(rightToStart(kind));
        const RunTexts chosen = runOptions(kind, options);
        return begin(session, runs_.starter().ofRepository(kind, session.user, repository, chosen));
    });
}

CORBA::LongLong RunManager::startBackup(const char* agent, const Coffer::Paths& what,
                                        const Coffer::Strings& excludes, const char* repository,
                                        const Coffer::Settings& options) {
    return rpc::serve("startBackup", [&]() -> CORBA::LongLong {
        const UserSession session = sessions_.require(Right::run, Scope::of(agent));
        const BackupChoice choice = backupChoice(what, excludes);
        const RunTexts chosen = runOptions(run_kind::backup, options);
        checkHooks(session, agent, chosen);
        return begin(session,
                     runs_.starter().backup(session.user, agent, choice, repository, chosen));
    });
}

CORBA::LongLong RunManager::startRestore(const char* repository, const char* snapshot,
                                         const Coffer::Paths& what, const char* agent,
                                         const Coffer::PathOctets& target,
                                         const Coffer::Settings& options) {
    return rpc::serve("startRestore", [&]() -> CORBA::LongLong {
        const UserSession session = sessions_.require(Right::restore, Scope::of(agent));
        const std::vector<std::string> paths = restoreChoice(what);
        const std::string folder = folderTarget(target);
        const RunTexts chosen = runOptions(run_kind::restore, options);
        checkHooks(session, agent, chosen);
        const auto mayRead = [&](const RunRecord& run) {
            rights_.requireSource(session, Right::restore, run);
        };
        return begin(session, runs_.starter().restore(session.user, repository, snapshot, paths,
                                                      agent, folder, chosen, mayRead));
    });
}

CORBA::LongLong RunManager::startVerify(const char* repository, const Coffer::Settings& options) {
    return startOfRepository("startVerify", run_kind::verify, repository, options);
}

CORBA::LongLong RunManager::startPrune(const char* repository, const Coffer::Settings& options) {
    return startOfRepository("startPrune", run_kind::prune, repository, options);
}

CORBA::LongLong RunManager::startRehearsal(const char* repository, const char* snapshot,
                                           const Coffer::Paths& what,
                                           const Coffer::Settings& options) {
    return rpc::serve("startRehearsal", [&]() -> CORBA::LongLong {
        const UserSession session = sessions_.require(Right::run, Scope::some());
        const std::vector<std::string> paths = restoreChoice(what);
        const RunTexts chosen = runOptions(run_kind::rehearsal, options);
        const auto mayRead = [&](const RunRecord& run) {
            rights_.requireSource(session, Right::run, run);
        };
        return begin(session, runs_.starter().rehearsal(session.user, repository, snapshot, paths,
                                                        chosen, mayRead));
    });
}

CORBA::LongLong RunManager::startRepair(const char* repository, const Coffer::Settings& options) {
    return startOfRepository("startRepair", run_kind::repair, repository, options);
}

CORBA::LongLong RunManager::startReplica(const char* repository, const Coffer::PathOctets& folder,
                                         const Coffer::Settings& options) {
    return rpc::serve("startReplica", [&]() -> CORBA::LongLong {
        const UserSession session = sessions_.require(rightToStart(run_kind::replicate));
        const std::string target = folderTarget(folder);
        const RunTexts chosen = runOptions(run_kind::replicate, options);
        return begin(session, runs_.starter().replica(session.user, repository, target, chosen));
    });
}

CORBA::LongLong RunManager::startCopy(const char* repository, const char* target,
                                      const Coffer::Strings& snapshots,
                                      const Coffer::Settings& options) {
    return rpc::serve("startCopy", [&]() -> CORBA::LongLong {
        const UserSession session = sessions_.require(rightToStart(run_kind::copy));
        if (snapshots.length() > longestList) {
            throw Error(ErrorCode::invalidArgument, "more than 1,000 snapshots are named");
        }
        const RunTexts chosen = runOptions(run_kind::copy, options);
        return begin(session, runs_.starter().copy(session.user, repository, target,
                                                   rpc::toTexts(snapshots), chosen));
    });
}

CORBA::LongLong RunManager::startSynchronise(const Coffer::PathOctets& source,
                                             const Coffer::PathOctets& target,
                                             const Coffer::Strings& excludes,
                                             const Coffer::Settings& options) {
    return rpc::serve("startSynchronise", [&]() -> CORBA::LongLong {
        const UserSession session = sessions_.require(Right::changeFiles, Scope::some());
        const RunTexts chosen = runOptions(run_kind::synchronise, options);
        RunRecord run = syncRun(session.user, rpc::textOf(source), rpc::textOf(target),
                                syncExcludes(excludes), chosen);
        rights_.requireToStart(run);
        return begin(session, runs_.starter().synchronise(std::move(run)));
    });
}

Coffer::RunInfos* RunManager::list(CORBA::LongLong before, CORBA::ULong atMost) {
    return rpc::serve("list", [&] {
        const UserSession session = sessions_.require(Right::look, Scope::some());
        if (before < 0 || atMost < 1 || atMost > longestList) {
            throw Error(ErrorCode::invalidArgument,
                        "a list has 1 to 1,000 runs, and begins before a number or at 0");
        }
        std::vector<RunRecord> runs;
        CORBA::LongLong next = before == 0 ? std::numeric_limits<CORBA::LongLong>::max() : before;
        while (runs.size() < atMost) {
            const std::vector<RunRecord> page = runs_.newest(next, atMost);
            for (const RunRecord& run : page) {
                if (runs.size() < atMost && rights_.isShown(session, run)) runs.push_back(run);
            }
            if (page.size() < atMost) break;
            next = page.back().number;
        }
        auto infos = std::make_unique<Coffer::RunInfos>();
        infos->length(static_cast<CORBA::ULong>(runs.size()));
        for (CORBA::ULong i = 0; i < infos->length(); ++i) (*infos)[i] = toRunInfo(runs[i], true);
        return infos.release();
    });
}

Coffer::RunInfo* RunManager::get(CORBA::LongLong run) {
    return rpc::serve("get", [&] { return new Coffer::RunInfo(toRunInfo(rights_.shown(run))); });
}

Coffer::RunInfo* RunManager::wait(CORBA::LongLong run, CORBA::ULong waitMs) {
    return rpc::serve("wait", [&] {
        const UserSession session = sessions_.require(Right::look, Scope::some());
        for (const Scope& scope : RunRights::scopesOf(runs_.get(run))) {
            sessions_.check(session, Right::look, scope);
        }
        const RunRecord found = runs_.waitForEnd(run, rpc::endOfWait(waitMs));
        // It may have ended in the meantime.
        sessions_.require(session.id);
        return new Coffer::RunInfo(toRunInfo(found));
    });
}

Coffer::RunProblems* RunManager::problems(CORBA::LongLong run) {
    return rpc::serve("problems", [&] {
        return new Coffer::RunProblems(toRunProblems(runs_.problems(rights_.shown(run).number)));
    });
}

void RunManager::cancel(CORBA::LongLong run) {
    rpc::serve("cancel", [&] {
        const RunRecord known = rights_.shown(run);
        const UserSession session = rights_.requireToStart(known);
        sessions_.audited(session, {"run-cancelled", std::to_string(run)},
                          [&] { runs_.cancel(run); });
    });
}

void RunManager::resume(CORBA::LongLong run) {
    rpc::serve("resume", [&] {
        const RunRecord known = rights_.shown(run);
        const UserSession session = rights_.requireToStart(known);
        sessions_.audited(session, {"run-resumed", std::to_string(run)},
                          [&] { runs_.resume(run); });
    });
}

}  // namespace coffer
