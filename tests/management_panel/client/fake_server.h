#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/rpc/orb.h"
#include "idl/management.hh"
#include "tests/management_panel/client/fake_tree.h"

namespace coffer::fake {

/// A session with everything that is reached from it, answering from what a test has put here.
/// Filled by the test, then used by one call at a time. The ORB outlives it; so does it the objects
/// that it gives.
class Server {
  public:
    explicit Server(rpc::Orb& theOrb) : orb(theOrb) {}
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    Coffer::Session_ptr session();

    /// A run to begin with, in the state "succeeded"; each look at it sees the next of its states.
    static Coffer::RunInfo run(long long number, const std::string& kind,
                               const std::string& state = "succeeded");

    /// The tree of a new agent that is attached.
    std::shared_ptr<Tree> addAgent(const std::string& name);

    rpc::Orb& orb;
    Coffer::AgentInfos agentInfos;
    std::map<std::string, std::shared_ptr<Tree>> agents;
    std::map<long long, std::deque<Coffer::RunInfo>> runs;
    Coffer::RunProblems problems;
    Coffer::SnapshotInfos snapshots;
    Tree snapshotTree;
    std::vector<Coffer::Finding> findings;
    Coffer::SnapshotMarks marks;
    Coffer::RetentionVerdicts verdicts;
    std::vector<Coffer::Difference> differences;
    Coffer::RepositoryInfos repositories;
    std::string kit = "KIT";
    std::vector<Coffer::Event> events;
    Coffer::TaskInfos tasks;
    Coffer::TaskChanges taskChanges;
    CORBA::ULongLong leased = 0;  // position of the only lease
    bool eventsGone = false;      // those behind it are
    std::vector<Coffer::LogEntry> logEntries;
    Coffer::StatusReport status;
    Coffer::QueuedRuns queue;
    Coffer::SettingInfos settings;
    Coffer::SettingRecords settingHistory;
    Coffer::SettingChanges settingChanges;
    std::vector<Coffer::CatalogVersion> versions;
    Coffer::CatalogState catalogState{0, {}, 0, false};
    bool sessionEnded = false;

    /// What was asked to change something, with its arguments: "cancel 3".
    std::vector<std::string> calls;
};

}  // namespace coffer::fake
