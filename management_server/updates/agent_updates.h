#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/update/version.h"
#include "management_server/database/server_database.h"

namespace coffer {

/// How far an agent is with the last update that was ordered for it (AgentUpdate of updates.idl).
struct AgentUpdate {
    enum class State {
        waiting,  // to be told
        offered,  // told; it fetches, waits for its runs, tries
        done,     // attached with the new version
        refused,  // it does not take it, or could not fetch it
        failed,   // it went back to its old version
        stopped   // it will not be told
    };

    std::string agent;
    Version version;
    State state = State::waiting;
    std::string message{};
    std::string user{};
    unsigned atOnce = 1;
    Timestamp changed{};

    bool open() const { return state == State::waiting || state == State::offered; }
};

std::string_view nameOf(AgentUpdate::State state);

/// Which agents are to be told next, of those that can be: as many as may be on their way at once,
/// none behind a failure, and before so many have it that the new version is known to work, no more
/// than that. Pure.
std::vector<std::string> nextToTell(const std::vector<AgentUpdate>& updates,
                                    const std::set<std::string>& attached);

/// The updates in server.db, one for each agent at most. Safe to share between threads.
class AgentUpdates {
  public:
    AgentUpdates(ServerDatabase& database, const Clock& clock)
        : database_(database), clock_(clock) {}

    /// By agent.
    std::vector<AgentUpdate> list() const;

    /// Enters them as waiting. Throws Error(conflict) while another version is on its way to
    /// anybody.
    void order(const std::vector<std::string>& agents, const Version& version, unsigned atOnce,
               const std::string& user);

    /// Changes state and message of what list() gave; false when nothing is other than before, and
    /// when the agent has another name, version or state since then: that counts.
    bool enter(const AgentUpdate& update, AgentUpdate::State state, const std::string& message);

    /// Within a transaction of server.db: the agent has another name.
    static void renameAgent(SqlDatabase& database, const std::string& name,
                            const std::string& fresh);

    /// Those that wait are not told any more; `why` is their message.
    void stopWaiting(const std::string& why);

    /// And nobody asks any more about those that were told, which may still take it.
    void stop(const std::string& why);

  private:
    void end(AgentUpdate::State state, const std::string& why);

    ServerDatabase& database_;
    const Clock& clock_;
};

}  // namespace coffer
