#include "workstation_agent/agent_daemon.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "core/agent/worker_pipe.h"
#include "core/rpc/failure.h"
#include "core/trust/certificate_authority.h"
#include "core/trust/private_file.h"
#include "tests/core/agent/scripted_worker.h"
#include "tests/support/expect_error.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/test_orb.h"

namespace coffer {
namespace {

namespace fs = std::filesystem;

/// What the agent under test has told its server.
struct Told {
    Coffer::AgentControl_var control;
    rpc::SettingMap facts;
    std::vector<std::string> outcomes;
    bool detached = false;
};

class ListeningLink : public POA_Coffer::AgentLink {
  public:
    explicit ListeningLink(Guarded<Told>& told) : told_(told) {}
    void heartbeat() override {}
    void progress(const Coffer::RunProgressList&) override {}
    void finished(const Coffer::RunResult& result) override {
        told_.change([&](Told& told) { told.outcomes.emplace_back(result.outcome); });
    }
    void detach() override {
        told_.change([](Told& told) { told.detached = true; });
    }

  private:
    Guarded<Told>& told_;
};

class ListeningPort : public POA_Coffer::AgentPort {
  public:
    explicit ListeningPort(Guarded<Told>& told) : told_(told) {}
    Coffer::AgentLink_ptr attach(Coffer::AgentControl_ptr control, const Coffer::AgentHello& hello,
                                 Coffer::AgentWelcome_out welcome) override {
        told_.change([&](Told& told) {
            told.control = Coffer::AgentControl::_duplicate(control);
            told.facts = rpc::toMap(hello.facts);
        });
        welcome = new Coffer::AgentWelcome;
        welcome->level = hello.level;
        const PortableServer::Servant_var<ListeningLink> link = new ListeningLink(told_);
        return link->_this();
    }
    char* renew(const char*) override { throw CORBA::NO_IMPLEMENT(); }

  private:
    Guarded<Told>& told_;
};

class ScriptLauncher : public WorkerLauncher {
  public:
    std::unique_ptr<WorkerProcess> launch() override {
        return std::make_unique<ScriptedWorker>(script, ScriptedWorker::Idle::waits);
    }
    WorkerScript script;
};

/// A whole agent but for network and workers.
class AgentDaemonTest : public testing::Test {
  protected:
    AgentDaemonTest() {
        folder_.make();
        enrol();
        settings_.server = "backup.example:2424";
        settings_.allow = {{"/"}, {scratch_ / "in"}, {"backup", "restore"}};
        settings_.atOnce = 1;
        fs::create_directory(scratch_ / "in");
        std::ofstream(scratch_ / "agent.ini") << "[allow]\n";
        launcher_.script.reaction = [this](const std::string& what) {
            if (what == "close") launcher_.script.ends();
        };
        const PortableServer::Servant_var<ListeningPort> servant = new ListeningPort(told_);
        const Coffer::AgentPort_var port = servant->_this();
        daemon_.emplace(AgentDaemon::Parts{
            folder_, settings_, scratch_ / "agent.ini", "9.9", testOrb(),
            [port] { return Coffer::AgentPort::_duplicate(port); }, launcher_, clock_});
        daemon_->start();
        control_ = told_.when([](const Told& told) { return !CORBA::is_nil(told.control); },
                              [](Told& told) { return told.control; });
    }

    void enrol() {
        const CertificateAuthority authority =
            CertificateAuthority::create(scratch_.path(), clock_);
        const std::string key = makePrivateKey();
        writePrivateFile(folder_.authorityFile(), authority.certificate());
        writePrivateFile(
            folder_.certificateFile(),
            authority.sign(makeRequest(key, "x"), "laptop-7", Role::agent, std::chrono::hours(24)) +
                key);
        AgentIdentity::random().save(folder_.secrets());
    }

    static Coffer::RunOrder orderOf(const std::string& kind) {
        Coffer::RunOrder order;
        order.run = 7;
        order.attempt = 1;
        order.kind = kind.c_str();
        order.token = rpc::toOctets(bytesOf("token"));
        return order;
    }
    void start(const Coffer::RunOrder& order) {
        rpc::call("start", [&] { control_->startRun(order); });
    }
    void refused(ErrorCode code, const Coffer::RunOrder& order, const std::string& text = "") {
        expectError(
            code, [&] { start(order); }, text);
    }
    // The order that the worker got.
    WorkerOrder awaitOrder() {
        for (;;) {
            const auto sent = launcher_.script.state.with([](auto& s) { return s.sent; });
            if (!sent.empty()) return WorkerOrder::decode(sent.front());
            std::this_thread::yield();
        }
    }

    ScratchFolder scratch_;
    SystemClock clock_;
    std::unique_ptr<Disk> disk_ = makeSystemDisk();
    AgentFolder folder_{*disk_, scratch_ / "state"};
    AgentSettings settings_;
    ScriptLauncher launcher_;
    Guarded<Told> told_;
    std::optional<AgentDaemon> daemon_;
    Coffer::AgentControl_var control_;
};

TEST_F(AgentDaemonTest, SaysWhoItIs) {
    const rpc::SettingMap facts = told_.with([](const Told& told) { return told.facts; });
    EXPECT_EQ(facts.at("version"), "9.9");
    EXPECT_FALSE(facts.at("host").empty());
    EXPECT_FALSE(facts.at("system").empty());
    const Coffer::Settings_var same = control_->describe();
    EXPECT_EQ(rpc::toMap(same), facts);
}

TEST_F(AgentDaemonTest, GivesItsWorkersWhatTheyNeed) {
    Coffer::RunOrder order = orderOf("restore");
    order.target = rpc::toPath(scratch_ / "in/new");
    order.options = rpc::toSettings(
        {{"overwrite", "never"}, {"task", "office"}, {"hook-after-success", "/etc/x"}});
    start(order);
    const WorkerOrder got = awaitOrder();
    EXPECT_EQ(got.run, 7);
    EXPECT_EQ(got.kind, "restore");
    EXPECT_EQ(got.store, "backup.example:2424");
    EXPECT_EQ(textOf(got.token), "token");
    EXPECT_EQ(got.target, scratch_ / "in/new");
    EXPECT_EQ(got.own, (std::vector<std::string>{folder_.path(), scratch_ / "agent.ini"}));
    EXPECT_EQ(got.identityFile, folder_.certificateFile());
    EXPECT_EQ(got.agent.id, folder_.identity().id);
    // Hooks are no business of a worker.
    EXPECT_EQ(got.options, (std::map<std::string, std::string>{{"overwrite", "never"}}));
}

TEST_F(AgentDaemonTest, RefusesHostileOrders) {
    Coffer::RunOrder order = orderOf("restore");
    order.target = rpc::toPath("/etc");
    refused(ErrorCode::permissionDenied, order, "allow.write");
    order.target = rpc::toPath(folder_.path());
    refused(ErrorCode::permissionDenied, order, "allow.write");
    fs::create_directory_symlink("/etc", scratch_ / "in/etc");
    order.target = rpc::toPath(scratch_ / "in/etc/x");
    refused(ErrorCode::permissionDenied, order, "allow.write");
    order.target = rpc::toPath(scratch_ / "in/../..");
    refused(ErrorCode::invalidArgument, order);

    order = orderOf("backup");
    refused(ErrorCode::invalidArgument, order, "nothing");
    order.what = rpc::toPaths({folder_.path() + "/agent.pem"});
    refused(ErrorCode::permissionDenied, order, "own files");
    order.what = rpc::toPaths({std::string("/etc\0/x", 7)});
    refused(ErrorCode::invalidArgument, order);
    order.what = rpc::toPaths({"/" + std::string(2 << 20, 'x')});
    refused(ErrorCode::invalidArgument, order);
    order.what = rpc::toPaths(std::vector<std::string>(50'000, "/etc"));
    refused(ErrorCode::invalidArgument, order);
    order.what = rpc::toPaths({"/etc"});
    order.token.length(1 << 20);
    refused(ErrorCode::invalidArgument, order);
    order.token.length(10);
    order.store = "a b c:99999999";
    refused(ErrorCode::invalidArgument, order);
    order.store = "";
    order.run = -1;
    refused(ErrorCode::invalidArgument, order);

    refused(ErrorCode::unsupported, orderOf("format"));
    EXPECT_TRUE(launcher_.script.state.with([](auto& s) { return s.sent.empty(); }));
}

TEST_F(AgentDaemonTest, HidesItsOwnFiles) {
    for (const std::string& path :
         {folder_.path(), folder_.certificateFile(), scratch_ / "agent.ini"}) {
        expectError(
            ErrorCode::permissionDenied,
            [&] {
                rpc::call("stat",
                          [&] { return Coffer::Entry_var(control_->stat(rpc::toPath(path))); });
            },
            "own files");
    }
}

TEST_F(AgentDaemonTest, HandsOverWhatItsStopInterrupts) {
    Coffer::RunOrder order = orderOf("backup");
    order.what = rpc::toPaths({"/etc"});
    start(order);
    awaitOrder();
    daemon_->stop();
    told_.with([](const Told& told) {
        EXPECT_EQ(told.outcomes, (std::vector<std::string>{"interrupted"}));
        EXPECT_TRUE(told.detached);
    });
}

TEST_F(AgentDaemonTest, WhoKeepsItsReferenceReachesNobody) {
    daemon_.reset();
    expectError(ErrorCode::gone, [&] {
        rpc::call("describe", [&] { return Coffer::Settings_var(control_->describe()); });
    });
}

}  // namespace
}  // namespace coffer
