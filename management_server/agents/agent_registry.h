#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/guarded.h"
#include "core/codec/signature.h"
#include "core/repository/ids.h"
#include "core/rpc/convert.h"
#include "core/trust/certificate.h"
#include "idl/agent.hh"
#include "management_server/database/server_database.h"

namespace coffer {

/// An agent as the server knows it.
struct AgentRecord {
    std::string name;     // of its certificates; unique
    AgentId id;           // as it signs packs and snapshots
    VerifyKey verifyKey;  // checks those signatures
    Timestamp enrolled;
    std::optional<Timestamp> revoked;
    std::optional<Timestamp> lastSeen;
    rpc::SettingMap facts;  // "host", "system", "version"…
    bool attached = false;
};

/// The agents of this server: who is enrolled, who is revoked, and the callbacks of those that are
/// attached. Safe to share between threads; no lock is held during a remote call.
class AgentRegistry {
  public:
    /// Database and clock outlive it.
    AgentRegistry(ServerDatabase& database, const Clock& clock);

    /// Throws Error(notFound).
    AgentRecord get(const std::string& name) const;
    std::vector<AgentRecord> list() const;  // by name

    /// The callback of an attached agent. Throws Error(notFound) when there is no such agent,
    /// (permissionDenied) when it is revoked, (unavailable) when it is away.
    Coffer::AgentControl_var control(const std::string& name) const;

    bool isAttached(const std::string& name) const;
};

}  // namespace coffer
