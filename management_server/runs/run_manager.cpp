#include "management_server/runs/run_manager.h"

#include <limits>
#include <memory>

#include "core/base/error.h"
#include "core/rpc/failure.h"
#include "core/rpc/waiting.h"
#include "management_server/runs/run_options.h"
#include "management_server/runs/run_view.h"

namespace coffer {

namespace {

constexpr CORBA::ULong longestList = 1'000;

}  // namespace

CORBA::LongLong RunManager::startBackup(const char* agent, const Coffer::Paths& what,
                                        const Coffer::Strings& excludes, const char* repository,
                                        const Coffer::Settings& options) {
    return rpc::serve("startBackup", [&]() -> CORBA::LongLong {
        const UserSession session = sessions_.require();
        const BackupChoice choice = backupChoice(what, excludes);
        const RunTexts chosen = runOptions(run_kind::backup, options);
        return runs_.add(runs_.starter().backup(session.user, agent, choice, repository, chosen));
    });
}

CORBA::LongLong RunManager::startRestore(const char* repository, const char* snapshot,
                                         const Coffer::Paths& what, const char* agent,
                                         const Coffer::PathOctets& target,
                                         const Coffer::Settings& options) {
    return rpc::serve("startRestore", [&]() -> CORBA::LongLong {
        const UserSession session = sessions_.require();
        const std::vector<std::string> paths = restoreChoice(what);
        const std::string folder = folderTarget(target);
        const RunTexts chosen = runOptions(run_kind::restore, options);
        return runs_.add(runs_.starter().restore(session.user, repository, snapshot, paths, agent,
                                                 folder, chosen));
    });
}

CORBA::LongLong RunManager::startVerify(const char* repository, const Coffer::Settings& options) {
    return rpc::serve("startVerify", [&]() -> CORBA::LongLong {
        const UserSession session = sessions_.require();
        const RunTexts chosen = runOptions(run_kind::verify, options);
        return runs_.add(
            runs_.starter().ofRepository(run_kind::verify, session.user, repository, chosen));
    });
}

CORBA::LongLong RunManager::startPrune(const char* repository, const Coffer::Settings& options) {
    return rpc::serve("startPrune", [&]() -> CORBA::LongLong {
        const UserSession session = sessions_.require();
        const RunTexts chosen = runOptions(run_kind::prune, options);
        return runs_.add(
            runs_.starter().ofRepository(run_kind::prune, session.user, repository, chosen));
    });
}

CORBA::LongLong RunManager::startRehearsal(const char* repository, const char* snapshot,
                                           const Coffer::Paths& what,
                                           const Coffer::Settings& options) {
    return rpc::serve("startRehearsal", [&]() -> CORBA::LongLong {
        const UserSession session = sessions_.require();
        const std::vector<std::string> paths = restoreChoice(what);
        const RunTexts chosen = runOptions(run_kind::rehearsal, options);
        return runs_.add(
            runs_.starter().rehearsal(session.user, repository, snapshot, paths, chosen));
    });
}

CORBA::LongLong RunManager::startRepair(const char* repository, const Coffer::Settings& options) {
    return rpc::serve("startRepair", [&]() -> CORBA::LongLong {
        const UserSession session = sessions_.require();
        const RunTexts chosen = runOptions(run_kind::repair, options);
        return runs_.add(
            runs_.starter().ofRepository(run_kind::repair, session.user, repository, chosen));
    });
}

CORBA::LongLong RunManager::startReplica(const char* repository, const Coffer::PathOctets& folder,
                                         const Coffer::Settings& options) {
    return rpc::serve("startReplica", [&]() -> CORBA::LongLong {
        const UserSession session = sessions_.require();
        const std::string target = folderTarget(folder);
        const RunTexts chosen = runOptions(run_kind::replicate, options);
        return runs_.add(runs_.starter().replica(session.user, repository, target, chosen));
    });
}

Coffer::RunInfos* RunManager::list(CORBA::LongLong before, CORBA::ULong atMost) {
    return rpc::serve("list", [&] {
        sessions_.require();
        if (before < 0 || atMost < 1 || atMost > longestList) {
            throw Error(ErrorCode::invalidArgument,
                        "a list has 1 to 1,000 runs, and begins before a number or at 0");
        }
        const CORBA::LongLong newest = std::numeric_limits<CORBA::LongLong>::max();
        const std::vector<RunRecord> runs = runs_.newest(before == 0 ? newest : before, atMost);
        auto infos = std::make_unique<Coffer::RunInfos>();
        infos->length(static_cast<CORBA::ULong>(runs.size()));
        for (CORBA::ULong i = 0; i < infos->length(); ++i) (*infos)[i] = toRunInfo(runs[i], true);
        return infos.release();
    });
}

Coffer::RunInfo* RunManager::get(CORBA::LongLong run) {
    return rpc::serve("get", [&] {
        sessions_.require();
        return new Coffer::RunInfo(toRunInfo(runs_.get(run)));
    });
}

Coffer::RunInfo* RunManager::wait(CORBA::LongLong run, CORBA::ULong waitMs) {
    return rpc::serve("wait", [&] {
        const UserSession session = sessions_.require();
        const RunRecord found = runs_.waitForEnd(run, rpc::endOfWait(waitMs));
        // It may have ended in the meantime.
        sessions_.require(session.id);
        return new Coffer::RunInfo(toRunInfo(found));
    });
}

Coffer::RunProblems* RunManager::problems(CORBA::LongLong run) {
    return rpc::serve("problems", [&] {
        sessions_.require();
        return new Coffer::RunProblems(toRunProblems(runs_.problems(run)));
    });
}

void RunManager::cancel(CORBA::LongLong run) {
    rpc::serve("cancel", [&] {
        sessions_.require();
        runs_.cancel(run);
    });
}

void RunManager::resume(CORBA::LongLong run) {
    rpc::serve("resume", [&] {
        sessions_.require();
        runs_.resume(run);
    });
}

}  // namespace coffer
