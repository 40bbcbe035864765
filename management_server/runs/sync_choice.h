#pragma once

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "core/sync/sync_job.h"
#include "management_server/runs/agent_folder.h"
#include "management_server/runs/run_record.h"

namespace coffer {

/// The two folders of a run of that kind: source, target. Throws Error(invalidArgument).
std::array<AgentFolder, 2> foldersOf(const RunRecord& run);

/// How a run works on folders of agents: nothing unless it is of that kind, and makes sense.
std::vector<FolderUse> folderUsesOf(const RunRecord& run);

/// What a synchronisation is about and how it goes. A value.
struct SyncChoice {
    AgentFolder source;
    AgentFolder target;
    SyncSettings settings;

    /// Of a run of that kind. Throws Error(invalidArgument) when one of the folders is the other or
    /// lies in it, when options contradict each other, and for a bad pattern.
    static SyncChoice of(const RunRecord& run);

    bool isTwoWay() const { return settings.rules.twoWay; }

    /// By which the two folders are remembered: `idOf` tells by what an agent is known whatever its
    /// name, so that another agent that gets the name inherits nothing.
    std::string pair(const std::function<std::string(const std::string& agent)>& idOf) const {
        return AgentFolder{idOf(source.agent), source.path}.text() + '\n' +
               AgentFolder{idOf(target.agent), target.path}.text();
    }
};

/// A run of that kind, checked; `excludes` are patterns.
RunRecord syncRun(const std::string& user, const std::string& source, const std::string& target,
                  const std::vector<std::string>& excludes, const RunTexts& options);

}  // namespace coffer
