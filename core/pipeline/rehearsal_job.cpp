#include "core/pipeline/rehearsal_job.h"

#include <map>
#include <optional>

#include "core/base/wire.h"
#include "core/pipeline/doubted_packs.h"
#include "core/pipeline/entry_check.h"
#include "core/pipeline/rehearsal_target.h"
#include "core/pipeline/restore_job.h"
#include "core/pipeline/selection.h"
#include "core/repository/chunk_reader.h"
#include "core/repository/read_session.h"
#include "core/snapshot/tree_reader.h"
#include "core/snapshot/tree_walk.h"
#include "core/source/file_system_source.h"
#include "core/source/file_system_target.h"

namespace coffer {

namespace {

constexpr std::size_t mostKept = 10'000;  // problems of the restore

/// What the restore could not do, until the check has looked at it.
class RestoreProblems {
  public:
    void add(const Problem& problem) {
        ++count_;
        if (kept_.size() < mostKept) kept_.emplace(problem.path, problem);
    }
    const Problem* of(const std::string& path) const {
        const auto found = kept_.find(path);
        return found == kept_.end() ? nullptr : &found->second;
    }
    bool complete() const { return kept_.size() < mostKept; }
    std::uint64_t count() const { return count_; }
    void drop(const std::string& path) { kept_.erase(path); }
    const std::map<std::string, Problem>& kept() const { return kept_; }

  private:
    std::map<std::string, Problem> kept_;  // the first of each path
    std::uint64_t count_ = 0;
};

class Rehearsal {
  public:
    Rehearsal(Repository& repository, const Snapshot& snapshot, const RehearsalSettings& settings,
              RunProgress& progress, ProblemLog& problems, const CancelToken& cancel)
        : snapshot_(snapshot),
          settings_(settings),
          progress_(progress),
          problems_(problems),
          cancel_(cancel),
          domain_(repository.keys().domain(snapshot.domain).key),
          session_(repository),
          packs_(repository, session_),
          chunks_(packs_, domain_) {}

    RehearsalResult run(const std::string& scratch) {
        const std::vector<std::string> all = {"/"};
        std::size_t number = 0;
        for (const std::string& path : settings_.paths.empty() ? all : settings_.paths) {
            rehearse(path, scratch + "/" + std::to_string(number++));
        }
        return result_;
    }

    bool isDamaged() const { return damaged_; }

    // What was found damaged in one snapshot must not become part of the next.
    void checkPacks() {
        for (const auto& [pack, error] : packs_.check(cancel_)) {
            problems_.add(packName(pack), error);
        }
    }

  private:
    void rehearse(const std::string& path, const std::string& folder) {
        const TreeNode node = during("snapshot " + shortName(snapshot_.id),
                                     [&] { return nodeAt(chunks_, snapshot_.root, path); });
        base_ = node.isFolder() ? path : path.substr(0, path.rfind('/') + 1);
        RestoreProblems troubles;
        restore(node, folder, troubles);
        check(node, folder, troubles);
        settle(troubles);
    }

    void restore(const TreeNode& node, const std::string& folder, RestoreProblems& troubles) {
        FileSystemTarget disk(folder);
        RehearsalTarget target(disk);
        ProblemLog log([&](const Problem& problem) { troubles.add(problem); });
        RestoreSettings how;
        how.workers = settings_.workers;
        how.chosen = [this](const std::string& at, const TreeNode& entry) {
            return isChosen(at, entry);
        };
        runRestore(packs_, domain_, node, target, how, progress_, log, cancel_);
    }

    void check(const TreeNode& node, const std::string& folder, RestoreProblems& troubles) {
        FileSystemSource source;
        EntryCheck entries(source, chunks_, domain_, FileSystemTarget::Options().restoreOwner,
                           cancel_);
        if (!node.isFolder()) return checkEntry(entries, folder, node.name, node, troubles);
        TreeWalk walk(chunks_, node);
        for (;;) {
            cancel_.check();
            try {
                if (!walk.next()) return;
            } catch (const Error& error) {
                if (error.endsRun()) throw;
                continue;  // told by the restore
            }
            // A folder's own time is final when all below it has been looked at, which changes
            // none.
            if (!walk.leaving()) checkEntry(entries, folder, walk.path(), walk.node(), troubles);
        }
    }

    void checkEntry(EntryCheck& entries, const std::string& folder, const std::string& path,
                    const TreeNode& node, RestoreProblems& troubles) {
        if (!isChosen(path, node)) {
            ++result_.left;
            return;
        }
        if ((node.condition & unreadable) != 0) return troubles.drop(path);
        try {
            compare(entries, folder + "/" + path, path, node, troubles);
        } catch (const Error& error) {
            if (error.endsRun() || error.code() == ErrorCode::cancelled) throw;
            if (troubles.of(path)) return;
            damaged_ |= isPackDamage(error.code());
            problems_.add(joinPath(base_, path), error);
        }
    }

    void compare(EntryCheck& entries, const std::string& there, const std::string& path,
                 const TreeNode& node, const RestoreProblems& troubles) {
        const bool known = troubles.of(path) || !troubles.complete();
        if (known && !entries.exists(there)) return;
        const std::string difference = entries.attributeDifference(there, node);
        if (!difference.empty() && !known) {
            throw Error(ErrorCode::corrupt, "differs from the snapshot: " + difference);
        }
        if (node.isFolder()) {
            ++result_.folders;
        } else if (node.attributes.type == EntryType::file) {
            result_.bytes += entries.checkContent(there, node);
            ++result_.files;
        } else {
            ++result_.others;
        }
    }

    void settle(const RestoreProblems& troubles) {
        for (const auto& [path, problem] : troubles.kept()) {
            if (problem.code == ErrorCode::permissionDenied) {
                ++result_.refused;
            } else {
                damaged_ |= isPackDamage(problem.code);
                problems_.add(joinPath(base_, path), problem.code, problem.message);
            }
        }
        if (!troubles.complete()) {
            problems_.add(base_, ErrorCode::limitExceeded,
                          std::to_string(troubles.count()) + " problems of the restore in all");
        }
    }

    // The same entries each time, of another snapshot others.
    bool isChosen(const std::string& path, const TreeNode& node) const {
        if (settings_.percent >= 100 || node.isFolder()) return true;
        WireWriter writer;
        writer.raw(snapshot_.id.view());
        writer.raw(bytesOf(joinPath(base_, path)));
        return WireReader(sha256(writer.bytes()).view()).u32() % 100 < settings_.percent;
    }

    const Snapshot& snapshot_;
    const RehearsalSettings& settings_;
    RunProgress& progress_;
    ProblemLog& problems_;
    const CancelToken& cancel_;
    const DomainKey& domain_;
    ReadSession session_;
    DoubtedPacks packs_;
    ChunkReader chunks_;
    std::string base_;      // in the snapshot, of what is being rehearsed
    bool damaged_ = false;  // what the repository gives is not what it should be
    RehearsalResult result_;
};

}  // namespace

RehearsalResult runRehearsal(Repository& repository, const Snapshot& snapshot,
                             const RehearsalSettings& settings, const std::string& scratch,
                             RunProgress& progress, ProblemLog& problems,
                             const CancelToken& cancel) {
    Rehearsal rehearsal(repository, snapshot, settings, progress, problems, cancel);
    RehearsalResult result;
    try {
        result = rehearsal.run(scratch);
    } catch (const Error& error) {
        if (isPackDamage(error.code())) rehearsal.checkPacks();
        throw;
    }
    // Nothing is said of it where the scratch space could not take what came.
    const bool sound = problems.count() == 0;
    const bool damaged = rehearsal.isDamaged();
    if (damaged) rehearsal.checkPacks();
    if (repository.isOpenToWrite() && (damaged || (sound && settings.isWhole()))) {
        const SnapshotProof proof[] = {{snapshot.id, repository.clock().now(), !damaged}};
        repository.ledger().note({}, proof);
    }
    return result;
}

}  // namespace coffer
