#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/repository/sqlite.h"
#include "management_server/runs/run_record.h"

namespace coffer {

/// Condition on a row of `runs`: its repository is not one that is gone, of which what its runs
/// came to says nothing about another one of its name.
inline constexpr const char* isOfPresentRepository =
    "number>ifnull((SELECT last_run FROM repositories_gone WHERE name=repository),0)";

/// The tables `runs` and `run_problems` of server.db, within one transaction of ServerDatabase.
/// What does not parse is Error(corrupt).
class RunTable {
  public:
    explicit RunTable(SqlDatabase& database) : database_(database) {}

    /// Enters a new run and gives its number: higher than any before, also of those that are gone.
    std::int64_t insert(const RunRecord& run);

    /// From now on new runs get numbers above this one.
    void passOver(std::int64_t number);

    std::optional<RunRecord> find(std::int64_t number);

    /// Up to `atMost` runs with numbers below `before`, newest first.
    std::vector<RunRecord> newest(std::int64_t before, std::uint32_t atMost);

    /// Runs on which somebody is still to work, oldest first: of one agent (verifications have an
    /// empty one), or all.
    std::vector<RunRecord> active(const std::string& agent);
    std::vector<RunRecord> active();

    std::vector<RunRecord> verifying();                   // oldest first; none of them is active
    std::vector<std::int64_t> numbersIn(RunState state);  // their numbers, oldest first
    std::vector<RunRecord> begunOfTasks();                // that have not ended
    std::optional<Timestamp> lastOrdered(const std::string& task, const std::string& agent);
    std::uint64_t countActive(const std::string& agent);
    std::uint64_t countActive();

    /// A run in or into a repository that has not ended.
    std::optional<std::int64_t> activeIn(const std::string& repository);

    /// Whether a run uses a repository that is removed: it was opened before, for the order.
    bool usesRemoved(const RunRecord& run);

    /// Whether a task has a run at an agent that has not ended.
    bool isAtWork(const std::string& task, const std::string& agent);

    /// Of each agent and choice of paths that was backed up to a repository.
    std::vector<BackupHistory> backupHistories(const std::string& repository);

    /// Writes what can change in a run.
    void update(const RunRecord& run);

    /// Writes how far a running attempt is, and nothing else.
    void updateProgress(std::int64_t number, std::uint32_t attempt, const std::string& phase,
                        const RunTexts& counts);

    /// Puts these in place of the run's problems.
    void setProblems(std::int64_t run, const std::vector<RunProblemRecord>& problems);
    std::vector<RunProblemRecord> problems(std::int64_t run);

    /// Removes runs that have ended, and their problems, but for the newest `kept` numbers.
    void prune(std::uint64_t kept);

    /// Its runs, and synchronisations of its folders, are those of an agent of another name from
    /// now on. Throws Error(conflict) when one of them has not ended.
    void renameAgent(const std::string& name, const std::string& fresh);

  private:
    std::vector<RunRecord> readAll(SqlStatement& rows);

    SqlDatabase& database_;
};

}  // namespace coffer
