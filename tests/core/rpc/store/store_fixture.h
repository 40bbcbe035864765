#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/rpc/orb.h"
#include "core/rpc/store/remote_backup_store.h"
#include "core/rpc/store/remote_restore_store.h"
#include "core/rpc/store/store_servant.h"
#include "tests/core/pipeline/pipeline_fixture.h"

namespace coffer::rpc {

/// Gives one repository under any name but "unknown".
class OneRepository : public RepositoryProvider {
  public:
    explicit OneRepository(PipelineFixture& fixture) : fixture_(fixture) {}
    std::shared_ptr<Repository> open(const std::string& name) override {
        if (name == "unknown") throw Error(ErrorCode::notFound, "no repository unknown");
        return {fixture_.repository.get(), [](Repository*) {}};
    }
    void changed(const std::string&) override { ++changes; }

    std::atomic<int> changes{0};

  private:
    PipelineFixture& fixture_;
};

/// A store with one repository in this process, and who calls it as the test says.
class StoreFixture {
  public:
    explicit StoreFixture(const StoreLimits& limits = {}) {
        servant = new StoreServant({provider, tokens, sessions, limits, [this] { return caller; }});
        orb.serve("CofferStore", servant.in());
        const CORBA::Object_var object = orb.reachLocal("CofferStore");
        store = Coffer::Store::_narrow(object);
    }

    RunGrant grant(RunGrant::Kind kind) const {
        RunGrant made;
        made.kind = kind;
        made.run = 7;
        made.repository = "main";
        made.agent = "agent-1";
        made.agentId = pipeline.agent.id;
        made.expires = {clock.now().seconds + 3'600, 0};
        return made;
    }
    Bytes backupToken() const { return tokens.issue(grant(RunGrant::Kind::backup)); }
    Bytes restoreToken(const Snapshot& snapshot, std::vector<std::string> paths = {}) const {
        RunGrant made = grant(RunGrant::Kind::restore);
        made.snapshot = snapshot.id.hex();
        made.paths = std::move(paths);
        return tokens.issue(made);
    }

    static Caller agent(const std::string& name, Role role = Role::agent) {
        CertificateFacts facts;
        facts.name = name;
        facts.role = role;
        return {false, facts};
    }

    /// Without pauses.
    StoreCalls calls() const { return {cancel, {{}, {}, std::chrono::minutes(10)}}; }

    StoreCalls impatient() const { return {cancel, {{}, {}, {}}}; }

    PipelineFixture pipeline;
    OneRepository provider{pipeline};
    ManualClock clock;
    RunTokens tokens{SecretKey::random(), clock};
    Orb orb{OrbSettings{.role = OrbRole::embedded}};
    PortableServer::POA_var poa = orb.poa("store");
    LeaseKeeper sessions{poa, clock, storeLeases};
    Caller caller{true, {}};
    CancelToken cancel;
    PortableServer::Servant_var<StoreServant> servant;
    Coffer::Store_var store;
};

}  // namespace coffer::rpc
