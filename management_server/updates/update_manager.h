#pragma once

#include <functional>
#include <string>
#include <vector>

#include "idl/updates.hh"
#include "management_server/access/session_table.h"
#include "management_server/updates/agent_updates.h"
#include "management_server/updates/package_shelf.h"

namespace coffer {

/// Servant of all UpdateManager objects; the default servant of the POA "updates". Safe to share
/// between threads.
class UpdateManager : public POA_Coffer::UpdateManager {
  public:
    /// Names of all agents that are neither revoked nor suspended.
    using Agents = std::function<std::vector<std::string>()>;

    /// All outlive it.
    UpdateManager(SessionTable& sessions, PackageShelf& shelf, AgentUpdates& updates, Agents agents)
        : sessions_(sessions), shelf_(shelf), updates_(updates), agents_(std::move(agents)) {}

    Coffer::UpdatePackages* list() override;
    void upload(Coffer::ByteCount offset, const Coffer::Octets& data, CORBA::Boolean last) override;
    void remove(const char* version) override;
    void start(const char* version, const Coffer::Strings& agents, CORBA::ULong atOnce) override;
    void stop() override;
    Coffer::AgentUpdates* status() override;

  private:
    std::vector<std::string> chosen(const Coffer::Strings& agents) const;
    void requirePackage(const Version& version) const;
    void requireUnused(const Version& version) const;

    SessionTable& sessions_;
    PackageShelf& shelf_;
    AgentUpdates& updates_;
    const Agents agents_;
};

}  // namespace coffer
