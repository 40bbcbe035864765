#include "tests/workstation_agent/network/small_server.h"

#include "core/rpc/caller.h"
#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "core/trust/private_file.h"

namespace coffer {

namespace {

const std::string tokenSecret(64, '5');

/// Gives one repository under any name.
class OneRepository : public rpc::RepositoryProvider {
  public:
    explicit OneRepository(PipelineFixture& pipeline) : pipeline_(pipeline) {}
    std::shared_ptr<Repository> open(const std::string&) override {
        return {pipeline_.repository.get(), [](Repository*) {}};
    }
    void changed(const std::string&) override {}

  private:
    PipelineFixture& pipeline_;
};

std::unique_ptr<CertificateAuthority> makeAuthority(const ScratchFolder& folder,
                                                    const Clock& clock) {
    auto authority =
        std::make_unique<CertificateAuthority>(CertificateAuthority::create(folder.path(), clock));
    const std::string key = makePrivateKey();
    const std::string request = makeRequest(key, std::string(serverCommonName));
    writePrivateFile(folder / "server.pem",
                     authority->sign(request, std::string(serverCommonName), Role::server,
                                     std::chrono::hours(24), {"127.0.0.1"}) +
                         key);
    return authority;
}

rpc::OrbSettings orbSettings(const ScratchFolder& folder) {
    rpc::OrbSettings settings;
    settings.role = rpc::OrbRole::server;
    settings.authorityFile = folder / "authority.pem";
    settings.identityFile = folder / "server.pem";
    settings.listen = {"127.0.0.1", 0};
    settings.accepts = [](const CertificateFacts&) { return true; };
    return settings;
}

}  // namespace

class SmallServer::Gate : public POA_Coffer::Gate {
  public:
    explicit Gate(SmallServer& server) : server_(server) {}

    char* enrolAgent(const char* token, const char* request, const Coffer::Octets& agentId,
                     const Coffer::Octets& verifyKey) override {
        return rpc::serve("enrolAgent", [&] {
            if (token != server_.token() || server_.tokenUsed_.exchange(true)) {
                throw Error(ErrorCode::permissionDenied, "the token is refused");
            }
            const auto id = rpc::toId<AgentId>(agentId);
            server_.agentId_.with([&](AgentId& its) { its = id; });
            server_.pipeline.repository->enrol(id, rpc::toId<VerifyKey>(verifyKey));
            return CORBA::string_dup(
                server_.authority_->sign(request, "laptop-7", Role::agent, std::chrono::hours(24))
                    .c_str());
        });
    }
    Coffer::Settings* hello() override {
        return rpc::serve("hello", [&] {
            server_.work_();
            return new Coffer::Settings;
        });
    }
    char* enrolClient(const char*, const char*, const char*) override {
        throw CORBA::NO_IMPLEMENT();
    }
    Coffer::Session_ptr login(const char*, const char*, CORBA::Long) override {
        throw CORBA::NO_IMPLEMENT();
    }

  private:
    SmallServer& server_;
};

class SmallServer::Link : public POA_Coffer::AgentLink {
  public:
    explicit Link(SmallServer& server) : server_(server) {}

    void heartbeat() override {}
    void progress(const Coffer::RunProgressList& news) override {
        server_.told_.change([&](Told& told) {
            for (CORBA::ULong i = 0; i < news.length(); ++i) {
                told.phases[news[i].run] = news[i].phase;
            }
        });
    }
    void finished(const Coffer::RunResult& result) override {
        server_.told_.change(
            [&](Told& told) { told.results[result.run] = new Coffer::RunResult(result); });
    }
    void detach() override {
        server_.told_.change([](Told& told) { told.detached = true; });
    }

  private:
    SmallServer& server_;
};

class SmallServer::Port : public POA_Coffer::AgentPort {
  public:
    explicit Port(SmallServer& server) : server_(server) {}

    Coffer::AgentLink_ptr attach(Coffer::AgentControl_ptr control, const Coffer::AgentHello& hello,
                                 Coffer::AgentWelcome_out welcome) override {
        return rpc::serve("attach", [&] {
            rpc::requireAgent();
            welcome = new Coffer::AgentWelcome;
            welcome->level = hello.level;
            const PortableServer::POA_var poa = server_.orb_->poa("links");
            const PortableServer::Servant_var<Link> link = new Link(server_);
            const PortableServer::ObjectId_var id = server_.told_.change([&](Told& told) {
                told.control = Coffer::AgentControl::_duplicate(control);
                ++told.attached;
                return PortableServer::string_to_ObjectId(std::to_string(told.attached).c_str());
            });
            poa->activate_object_with_id(id, link);
            const CORBA::Object_var object = poa->id_to_reference(id);
            return Coffer::AgentLink::_narrow(object);
        });
    }
    char* renew(const char*) override { throw CORBA::NO_IMPLEMENT(); }

  private:
    SmallServer& server_;
};

SmallServer::SmallServer()
    : repositories_(std::make_unique<OneRepository>(pipeline)),
      authority_(makeAuthority(scratch_, clock_)) {
    orb_.emplace(orbSettings(scratch_));
    sessions_.emplace(PortableServer::POA_var(orb_->poa("sessions")), clock_, rpc::storeLeases);
    const PortableServer::Servant_var<Gate> gate = new Gate(*this);
    orb_->serve("CofferGate", gate);
    const PortableServer::Servant_var<Port> port = new Port(*this);
    orb_->serve("CofferAgents", port);
    const PortableServer::Servant_var<rpc::StoreServant> store =
        new rpc::StoreServant({*repositories_, tokens_, *sessions_, {}, [] {
                                   return rpc::Caller{true, {}, {}};
                               }});
    orb_->serve("BareStore", store);
    const CORBA::Object_var bare = orb_->reachLocal("BareStore");
    const PortableServer::Servant_var<HookedStore> hooked =
        new HookedStore(Coffer::Store_var(Coffer::Store::_narrow(bare)), *sessions_, callHook_);
    orb_->serve("CofferStore", hooked);
}

SmallServer::~SmallServer() = default;

void SmallServer::inUpcall(std::function<void()> work) {
    work_ = std::move(work);
    const CORBA::Object_var object = orb_->reachLocal("CofferGate");
    const Coffer::Gate_var gate = Coffer::Gate::_narrow(object);
    rpc::call("work", [&] { return Coffer::Settings_var(gate->hello()); });
}

std::string SmallServer::token() const {
    return "cft1-" + authority_->fingerprint() + "-" + tokenSecret;
}

rpc::RunGrant SmallServer::grant(rpc::RunGrant::Kind kind, std::int64_t run) const {
    rpc::RunGrant made;
    made.kind = kind;
    made.run = run;
    made.repository = "main";
    made.agent = "laptop-7";
    made.agentId = agentId_.with([](const AgentId& id) { return id; });
    made.expires = {clock_.now().seconds + 3600, 0};
    return made;
}

Coffer::RunOrder SmallServer::backupOrder(std::int64_t run, const std::string& path) const {
    Coffer::RunOrder order;
    order.run = run;
    order.attempt = 1;
    order.kind = "backup";
    order.token = rpc::toOctets(ByteView(tokens_.issue(grant(rpc::RunGrant::Kind::backup, run))));
    order.what = rpc::toPaths({path});
    return order;
}

Coffer::RunOrder SmallServer::restoreOrder(std::int64_t run, const std::string& snapshot,
                                           const std::string& path,
                                           const std::string& target) const {
    rpc::RunGrant its = grant(rpc::RunGrant::Kind::restore, run);
    its.snapshot = snapshot;
    its.paths = {path};
    Coffer::RunOrder order;
    order.run = run;
    order.attempt = 1;
    order.kind = "restore";
    order.token = rpc::toOctets(ByteView(tokens_.issue(its)));
    order.target = rpc::toPath(target);
    return order;
}

}  // namespace coffer
