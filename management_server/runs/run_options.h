#pragma once

#include <string>
#include <vector>

#include "idl/common.hh"
#include "management_server/runs/run_record.h"

namespace coffer {

// What users may ask for in a run, checked before anything else looks at it. All throw
// Error(invalidArgument) that names what is wrong.

/// The options of a run of this kind. One that it does not know is refused: a run that does not do
/// what was asked for is worse than none. So is what requireSomethingLeft() refuses.
RunTexts runOptions(const std::string& kind, const Coffer::Settings& options);

/// The same of a task that is kept: one that was entered stays readable.
RunTexts keptOptions(const std::string& kind, const Coffer::Settings& options);

/// Refuses options, of those that keptOptions() gave, that let nothing through or leave out every
/// file.
void requireSomethingLeft(const std::string& kind, const RunTexts& options);

/// Takes the tags of a backup's snapshot out of its options: they are the store's business, not the
/// agent's.
std::vector<std::string> takeTags(RunTexts& options);

/// The hooks among the options of a run: programs of the agent, with arguments of choice.
RunTexts hooksIn(const RunTexts& options);

/// Takes the priority out of a run's options, which it is for the server alone; 0 without one.
int takePriority(RunTexts& options);

/// From a text: -100 to 100.
int runPriority(const std::string& text);

/// Paths and patterns of a backup, settled: none of the paths lies below another.
struct BackupChoice {
    std::vector<std::string> what;
    std::vector<std::string> patterns;
};
BackupChoice backupChoice(const Coffer::Paths& what, const Coffer::Strings& excludes);

/// Patterns of what a synchronisation leaves alone.
std::vector<std::string> syncExcludes(const Coffer::Strings& excludes);

/// Paths of a snapshot that are to be restored; they come to the store in a token, so they are few.
std::vector<std::string> restoreChoice(const Coffer::Paths& what);

/// Where a restore or a replica goes: an absolute path.
std::string folderTarget(const Coffer::PathOctets& target);

}  // namespace coffer
