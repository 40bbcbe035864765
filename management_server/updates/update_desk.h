#pragma once

#include <functional>
#include <string>

#include "core/rpc/convert.h"
#include "management_server/events/event_sink.h"
#include "management_server/updates/agent_updates.h"
#include "management_server/updates/package_shelf.h"

namespace coffer {

/// What the desk asks of agents. Calls are remote: never under a lock.
class UpdateCalls {
  public:
    virtual ~UpdateCalls() = default;

    virtual bool isAttached(const std::string& agent) = 0;

    /// Whether it is neither revoked nor suspended.
    virtual bool mayAttach(const std::string& agent) = 0;

    /// Asks the agent itself. Throws Error(unavailable) and what it answers.
    virtual rpc::SettingMap describe(const std::string& agent) = 0;
    virtual void offer(const std::string& agent, const Bytes& head) = 0;
};

/// Brings updates to agents: tells those whose turn it is, and asks those that were told how far
/// they are. One thread at a time.
class UpdateDesk {
  public:
    struct Parts {
        AgentUpdates& updates;
        const PackageShelf& shelf;
        UpdateCalls& calls;
        EventSink& events;
    };

    explicit UpdateDesk(Parts parts) : parts_(parts) {}

    /// Does what can be done now; to be called every few seconds.
    void look();

  private:
    void endThoseShutOut(const std::vector<AgentUpdate>& updates);
    void tell(const AgentUpdate& update);
    void ask(const AgentUpdate& update);
    void offer(const AgentUpdate& update, const rpc::SettingMap& facts);
    void enter(const AgentUpdate& update, AgentUpdate::State state, const std::string& message);

    const Parts parts_;
};

}  // namespace coffer
