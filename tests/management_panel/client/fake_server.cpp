#include "tests/management_panel/client/fake_server.h"

#include "core/rpc/convert.h"
#include "tests/management_panel/client/fake_managers.h"
#include "tests/management_panel/client/fake_nodes.h"
#include "tests/management_panel/client/fake_watchers.h"

namespace coffer::fake {

namespace {

class SessionServant : public POA_Coffer::Session {
  public:
    explicit SessionServant(Server& server) : server_(server) {}

    Coffer::Settings* whoAmI() override {
        return new Coffer::Settings(rpc::toSettings({{"user", "ann"}}));
    }
    Coffer::AgentManager_ptr agents() override {
        return make<Coffer::AgentManager>(makeAgentManager(server_));
    }
    Coffer::RunManager_ptr runs() override {
        return make<Coffer::RunManager>(makeRunManager(server_));
    }
    Coffer::SnapshotManager_ptr snapshots() override {
        return make<Coffer::SnapshotManager>(makeSnapshotManager(server_));
    }
    Coffer::RepositoryManager_ptr repositories() override {
        return make<Coffer::RepositoryManager>(makeRepositoryManager(server_));
    }
    Coffer::EventLog_ptr events() override { return make<Coffer::EventLog>(makeEventLog(server_)); }
    Coffer::TaskManager_ptr tasks() override {
        return make<Coffer::TaskManager>(makeTaskManager(server_));
    }
    Coffer::RunLog_ptr logs() override { return make<Coffer::RunLog>(makeRunLog(server_)); }
    Coffer::StatusBoard_ptr status() override {
        return make<Coffer::StatusBoard>(makeStatusBoard(server_));
    }
    Coffer::QueueBoard_ptr queue() override {
        return make<Coffer::QueueBoard>(makeQueueBoard(server_));
    }
    Coffer::SettingsManager_ptr serverSettings() override {
        return make<Coffer::SettingsManager>(makeSettingsManager(server_));
    }
    Coffer::FileCatalog_ptr catalog() override {
        return make<Coffer::FileCatalog>(makeFileCatalog(server_));
    }
    void changePassword(const char* before, const char* after) override {
        server_.calls.push_back(std::string("changePassword ") + before + " " + after);
    }
    Coffer::UpdateManager_ptr updates() override { return Coffer::UpdateManager::_nil(); }
    void logout() override { server_.calls.emplace_back("logout"); }
    Coffer::AccessManager_ptr access() override { return Coffer::AccessManager::_nil(); }
    void enterCode(const char* code) override {
        server_.calls.push_back(std::string("enterCode ") + code);
    }

  private:
    template <class Interface>
    typename Interface::_ptr_type make(PortableServer::ServantBase* servant) {
        const PortableServer::ServantBase_var owned(servant);
        return rpc::serve("session", [&] {
            if (server_.sessionEnded) throw Error(ErrorCode::loginAgain, "the session has ended");
            servant->_add_ref();
            return reference<Interface>(server_.orb, servant);
        });
    }

    Server& server_;
};

}  // namespace

Coffer::Session_ptr Server::session() {
    return reference<Coffer::Session>(orb, new SessionServant(*this));
}

Coffer::RunInfo Server::run(long long number, const std::string& kind, const std::string& state) {
    Coffer::RunInfo run;
    run.number = number;
    run.kind = kind.c_str();
    run.agent = kind == "verify" ? "" : "laptop";
    run.repository = "main";
    run.state = state.c_str();
    run.ordered = rpc::toMoment({1'700'000'000, 0});
    run.started = rpc::toMoment({1'700'000'001, 0});
    run.ended = rpc::toMoment({1'700'000'003, 500'000'000});
    run.attempt = 1;
    run.user = "ann";
    run.problems = 0;
    return run;
}

std::shared_ptr<Tree> Server::addAgent(const std::string& name) {
    Coffer::AgentInfo info;
    info.name = name.c_str();
    info.state = "attached";
    info.lastSeen = rpc::toMoment({1'700'000'000, 0});
    info.enrolled = rpc::toMoment({1'600'000'000, 0});
    info.facts = rpc::toSettings({{"system", "Linux"}, {"version", "0.1.0"}});
    agentInfos.length(agentInfos.length() + 1);
    agentInfos[agentInfos.length() - 1] = info;
    return agents[name] = std::make_shared<Tree>();
}

}  // namespace coffer::fake
