#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/base/guarded.h"
#include "core/rpc/orb.h"
#include "core/rpc/store/store_servant.h"
#include "core/trust/certificate_authority.h"
#include "idl/management.hh"
#include "tests/core/pipeline/pipeline_fixture.h"
#include "tests/support/scratch_folder.h"
#include "tests/workstation_agent/worker/hooked_store.h"

namespace coffer {

/// What an agent has told its server.
struct Told {
    int attached = 0;
    Coffer::AgentControl_var control;                       // the latest
    std::map<std::int64_t, std::string> phases;             // by run
    std::map<std::int64_t, Coffer::RunResult_var> results;  // likewise
    bool detached = false;
};

/// Just enough of a server for one agent, in the process of the test: an authority, a gate that
/// takes one token, a port for agents, and a store. Real TLS on a free port.
class SmallServer {
  public:
    SmallServer();
    ~SmallServer();

    Endpoint endpoint() const { return orb_->listening(); }
    std::string token() const;

    /// Waits until it has been told something.
    void await(const std::function<bool(const Told&)>& ready) {
        told_.when(ready, [](Told&) {});
    }
    Coffer::AgentControl_var control() {
        return told_.with([](const Told& told) { return told.control; });
    }
    int attached() {
        return told_.with([](const Told& told) { return told.attached; });
    }
    Coffer::RunResult_var result(std::int64_t run) {
        await([&](const Told& told) { return told.results.contains(run); });
        return told_.with([&](Told& told) { return told.results.at(run); });
    }

    /// Does something inside of a call that is served: only there omniORB sees that a reference
    /// came over a connection that leads back.
    void inUpcall(std::function<void()> work);

    Coffer::RunOrder backupOrder(std::int64_t run, const std::string& path) const;
    Coffer::RunOrder restoreOrder(std::int64_t run, const std::string& snapshot,
                                  const std::string& path, const std::string& target) const;

    /// Called before each operation of the store.
    void onStore(StoreHook hook) {
        hook_.with([&](StoreHook& its) { its = std::move(hook); });
    }

    /// As after a restart: sessions of the store are gone.
    void forgetSessions() { sessions_->dropOwner("laptop-7"); }

    PipelineFixture pipeline;

  private:
    class Gate;
    class Port;
    class Link;

    rpc::RunGrant grant(rpc::RunGrant::Kind kind, std::int64_t run) const;

    const ScratchFolder scratch_;
    const SystemClock clock_;
    const rpc::RunTokens tokens_{SecretKey::random(), clock_};
    const std::unique_ptr<rpc::RepositoryProvider> repositories_;
    const std::unique_ptr<CertificateAuthority> authority_;
    std::optional<rpc::Orb> orb_;
    std::optional<rpc::LeaseKeeper> sessions_;
    std::atomic<bool> tokenUsed_ = false;
    std::function<void()> work_;
    Guarded<AgentId> agentId_;
    Guarded<Told> told_;
    Guarded<StoreHook> hook_{[](const std::string&) {}};
    const StoreHook callHook_ = [this](const std::string& operation) {
        const StoreHook hook = hook_.with([](const StoreHook& its) { return its; });
        hook(operation);
    };
};

}  // namespace coffer
