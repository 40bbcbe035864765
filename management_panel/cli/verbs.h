#pragma once

#include <CLI/App.hpp>
#include <cstdint>
#include <memory>

#include "core/rpc/convert.h"
#include "management_panel/cli/context.h"

namespace coffer::cli {

// Each adds verbs with their options and help to the command line. Both arguments outlive parsing
// and the job.

void addLogin(CLI::App& app, Context& context);   // login, logout, passwd
void addAgents(CLI::App& app, Context& context);  // agents, enrol-token, revoke
void addLs(CLI::App& app, Context& context);      // ls, stat
void addGet(CLI::App& app, Context& context);
void addCopy(CLI::App& app, Context& context);
void addChange(CLI::App& app, Context& context);  // mv, rm, mkdir
void addBackup(CLI::App& app, Context& context);
void addRestore(CLI::App& app, Context& context);
void addRehearse(CLI::App& app, Context& context);
void addPrune(CLI::App& app, Context& context);
void addRepair(CLI::App& app, Context& context);
void addCopySnapshots(CLI::App& app, Context& context);
void addReplicate(CLI::App& app, Context& context);
void addSynchronise(CLI::App& app, Context& context);
void addVerify(CLI::App& app, Context& context);
void addRuns(CLI::App& app, Context& context);  // runs, run show, cancel, resume
void addPause(CLI::App& app, Context& context);
void addSnapshots(CLI::App& app, Context& context);  // snapshots, ls-snapshot, forget …
void addFind(CLI::App& app, Context& context);       // find, versions
void addCatalog(CLI::App& app, Context& context);
void addDiff(CLI::App& app, Context& context);
void addRepository(CLI::App& app, Context& context);   // repo …
void addTasks(CLI::App& app, Context& context);        // task …
void addTaskRun(CLI::App& group, Context& context);    // task run
void addTaskTexts(CLI::App& group, Context& context);  // task export, task import
void addEvents(CLI::App& app, Context& context);
void addUsers(CLI::App& app, Context& context);         // user …, group …
void addGrants(CLI::App& app, Context& context);        // grant …
void addTokens(CLI::App& app, Context& context);        // token …
void addSecondFactor(CLI::App& app, Context& context);  // totp …
void addAudit(CLI::App& app, Context& context);         // audit …
void addRequests(CLI::App& app, Context& context);      // requests, confirm, refuse
void addAgentKeeping(CLI::App& app, Context& context);  // agent …
void addUpdates(CLI::App& app, Context& context);       // update …
void addStatus(CLI::App& app, Context& context);
void addSettings(CLI::App& app, Context& context);        // settings …
void addSettingTexts(CLI::App& group, Context& context);  // settings export, settings import
void addCompletion(CLI::App& app, Context& context);
void addManual(CLI::App& app, Context& context);

/// run log and run priority, into the group "run".
void addRunLog(CLI::App& group, Context& context);
void addRunPriority(CLI::App& group, Context& context);

/// runs --queue.
int showQueue(Context& context, std::uint64_t count);

/// All of them, and what is common to all.
void describeCoffer(CLI::App& app, Context& context);

/// --repo of a verb that works with a repository; "main" unless it is given. Two verbs may share
/// it.
std::shared_ptr<std::string> addRepositoryOption(CLI::App& verb,
                                                 std::shared_ptr<std::string> repository = {});

/// N, the run that a verb is about; `number` outlives the verb.
void addNumberOption(CLI::App& verb, long long& number);

/// --limit of a verb whose run copies at the server; `limit` outlives the verb.
void addLimitOption(CLI::App& verb, std::string& limit);

/// --priority of a verb that starts a run, and as an option of the run.
std::shared_ptr<int> addPriorityOption(CLI::App& verb);
void setPriority(rpc::SettingMap& settings, int priority);

}  // namespace coffer::cli
