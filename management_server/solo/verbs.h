#pragma once

#include <CLI/App.hpp>

#include "management_server/solo/context.h"

namespace coffer::solo {

// Each adds verbs with their options and help to the command line. Both arguments outlive parsing
// and the job.

void addInit(CLI::App& app, Context& context);         // init, adopt
void addRecoveryKit(CLI::App& app, Context& context);  // recovery-kit export, confirm, check
void addBackup(CLI::App& app, Context& context);
void addSnapshots(CLI::App& app, Context& context);  // snapshots, and what forgets them
void addLs(CLI::App& app, Context& context);
void addFind(CLI::App& app, Context& context);
void addDiff(CLI::App& app, Context& context);
void addRestore(CLI::App& app, Context& context);
void addGet(CLI::App& app, Context& context);
void addVerify(CLI::App& app, Context& context);
void addPrune(CLI::App& app, Context& context);
void addReplicate(CLI::App& app, Context& context);
void addRehearse(CLI::App& app, Context& context);
void addDamage(CLI::App& app, Context& context);
void addRepair(CLI::App& app, Context& context);
void addInfo(CLI::App& app, Context& context);  // info, rebuild-index

}  // namespace coffer::solo
