#include "workstation_agent/server_link.h"

#include <gtest/gtest.h>

#include <deque>

#include "core/rpc/failure.h"
#include "core/storage/memory_store.h"
#include "tests/core/agent/scripted_worker.h"
#include "tests/support/test_orb.h"

namespace coffer {
namespace {

using namespace std::chrono_literals;
using Notes = std::vector<std::string>;

/// What the server does in the tests: writes down what it is told, and fails when it is told to.
class FakeServer {
  public:
    void note(const std::string& what) {
        notes.push_back(what);
        if (const auto fault = faults.find(what); fault != faults.end()) {
            throw Error(fault->second);
        }
    }
    Notes take() { return std::exchange(notes, {}); }

    Notes notes;
    std::map<std::string, Error> faults;  // by what is called
    Notes active;                         // of the last hello
    Notes unreported;
    rpc::SettingMap given;
    int levelsAhead = 0;
    Coffer::RunResult result;  // the last
};

class FakeLink : public POA_Coffer::AgentLink {
  public:
    explicit FakeLink(FakeServer& server) : server_(server) {}
    void heartbeat() override {
        rpc::serve("heartbeat", [&] { server_.note("heartbeat"); });
    }
    void progress(const Coffer::RunProgressList& news) override {
        rpc::serve("progress", [&] {
            server_.note("progress " + std::to_string(news[0].run) + " " + news[0].phase.in());
        });
    }
    void finished(const Coffer::RunResult& result) override {
        rpc::serve("finished", [&] {
            server_.result = result;
            server_.note("finished " + std::to_string(result.run));
        });
    }
    void detach() override { server_.notes.push_back("detach"); }

  private:
    FakeServer& server_;
};

class FakePort : public POA_Coffer::AgentPort {
  public:
    explicit FakePort(FakeServer& server) : server_(server) {}
    Coffer::AgentLink_ptr attach(Coffer::AgentControl_ptr, const Coffer::AgentHello& hello,
                                 Coffer::AgentWelcome_out welcome) override {
        return rpc::serve("attach", [&] {
            server_.note("attach");
            server_.active.clear();
            for (CORBA::ULong i = 0; i < hello.active.length(); ++i) {
                server_.active.push_back(std::to_string(hello.active[i].run));
            }
            server_.unreported = rpc::toTexts(hello.unreported);
            welcome = new Coffer::AgentWelcome;
            welcome->level = hello.level + server_.levelsAhead;
            welcome->more = rpc::toSettings(server_.given);
            const PortableServer::Servant_var<FakeLink> link = new FakeLink(server_);
            return link->_this();
        });
    }
    char* renew(const char*) override { throw CORBA::NO_IMPLEMENT(); }

  private:
    FakeServer& server_;
};

/// Workers that say what the test has them say.
class OneScript : public WorkerLauncher {
  public:
    std::unique_ptr<WorkerProcess> launch() override {
        return std::make_unique<ScriptedWorker>(script, ScriptedWorker::Idle::waits);
    }
    WorkerScript script;
};

class ServerLinkTest : public testing::Test {
  protected:
    ServerLinkTest() {
        const PortableServer::Servant_var<FakePort> servant = new FakePort(server_);
        port_ = servant->_this();
        ServerLink::Parts parts{[this] { return Coffer::AgentPort::_duplicate(port_); },
                                Coffer::AgentControl::_nil(), runner_, spool_};
        parts.now = [this] { return now_; };
        parts.housekeeping = [this] { ++housekeeping_; };
        parts.given = [this](const rpc::SettingMap& given) { given_ = given; };
        link_.emplace(std::move(parts));
    }

    // Lets so much time pass, with what is due done in time.
    void pass(std::chrono::milliseconds time) {
        const auto end = now_ + time;
        while (due_ <= end) {
            now_ = std::max(now_, due_);
            step();
        }
        now_ = end;
    }
    void step() { due_ = link_->step(); }

    static RunReport reportOf(std::int64_t run) {
        RunReport report;
        report.run = run;
        report.attempt = 1;
        report.result.outcome = "succeeded";
        return report;
    }
    static RunOrder orderOf(std::int64_t run) {
        RunOrder order;
        order.run = run;
        order.attempt = 1;
        return order;
    }
    void awaitPhase(const std::string& phase) {
        changes_.when(
            [&](int) {
                for (const RunNews& news : runner_.active()) {
                    if (news.phase == phase) return true;
                }
                return false;
            },
            [](int) {});
    }

    FakeServer server_;
    Coffer::AgentPort_var port_;
    MemoryStore store_;
    ResultSpool spool_{store_};
    OneScript launcher_;
    Guarded<int> changes_{0};
    TaskRunner runner_{launcher_,
                       spool_,
                       [](const RunOrder&) { return "order\n"; },
                       [this] { changes_.change([](int& count) { ++count; }); },
                       {1, [] { return ServerLink::Time{}; }}};
    ServerLink::Time now_{};
    ServerLink::Time due_{};
    rpc::SettingMap given_;
    int housekeeping_ = 0;
    std::optional<ServerLink> link_;
};

TEST_F(ServerLinkTest, TakesWhatTheServerGives) {
    server_.given = {{"runs.at-once", "4"}};
    step();
    EXPECT_EQ(given_, server_.given);
}

TEST_F(ServerLinkTest, AttachesAndBeats) {
    step();
    EXPECT_EQ(server_.take(), (Notes{"attach", "heartbeat"}));
    pass(31s);
    EXPECT_EQ(server_.take(), (Notes{"heartbeat", "heartbeat", "heartbeat"}));
    EXPECT_LE(due_ - now_, 30s);
    EXPECT_EQ(housekeeping_, 4);
}

TEST_F(ServerLinkTest, HandsOverWhatWasLeft) {
    spool_.add(reportOf(7));
    spool_.add(reportOf(5));
    step();
    EXPECT_EQ(server_.unreported, (Notes{"5", "7"}));
    EXPECT_EQ(server_.take(), (Notes{"attach", "heartbeat", "finished 5", "finished 7"}));
    EXPECT_TRUE(spool_.keys().empty());
    spool_.add(reportOf(8));
    step();
    EXPECT_EQ(server_.take(), (Notes{"finished 8"}));
}

TEST_F(ServerLinkTest, TellsProgressTwiceASecondAtMost) {
    step();
    runner_.start(orderOf(3));
    awaitPhase("starting");
    EXPECT_EQ(server_.take(), (Notes{"attach", "heartbeat"}));
    step();
    EXPECT_EQ(server_.take(), (Notes{"progress 3 starting"}));
    launcher_.script.says(WorkerProgress{"running", {}});
    awaitPhase("running");
    step();
    EXPECT_EQ(server_.take(), Notes());
    EXPECT_EQ(due_ - now_, 500ms);
    pass(500ms);
    EXPECT_EQ(server_.take(), (Notes{"progress 3 running"}));
    pass(5s);
    EXPECT_EQ(server_.take(), Notes());
    launcher_.script.ends();
}

TEST_F(ServerLinkTest, SaysAtTheBeginningWhatIsAtWork) {
    runner_.start(orderOf(3));
    awaitPhase("starting");
    step();
    EXPECT_EQ(server_.active, (Notes{"3"}));
    launcher_.script.ends();
}

TEST_F(ServerLinkTest, LooksForItsServerWithGrowingPauses) {
    server_.faults.emplace("attach", Error(ErrorCode::unavailable, "away"));
    std::vector<std::chrono::milliseconds> pauses;
    for (int i = 0; i < 10; ++i) {
        step();
        pauses.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(due_ - now_));
        now_ = due_;
    }
    EXPECT_EQ(pauses[0], 250ms);
    EXPECT_EQ(pauses[1], 500ms);
    EXPECT_EQ(pauses[6], 16s);
    EXPECT_EQ(pauses[9], 30s);
    now_ -= 1ms;
    server_.take();
    step();
    EXPECT_EQ(server_.take(), Notes());  // not before
    now_ += 1ms;
    server_.faults.clear();
    step();
    EXPECT_EQ(server_.take(), (Notes{"attach", "heartbeat"}));
}

TEST_F(ServerLinkTest, AttachesAnewWhenTheLinkIsGone) {
    step();
    pass(75s);
    server_.take();
    server_.faults.emplace("heartbeat", Error(ErrorCode::gone, "no more"));
    pass(5s);
    server_.faults.clear();
    EXPECT_EQ(server_.take(), (Notes{"heartbeat"}));
    EXPECT_EQ(due_ - now_, 250ms);
    pass(250ms);
    EXPECT_EQ(server_.take(), (Notes{"attach", "heartbeat"}));
}

TEST_F(ServerLinkTest, ALinkThatBreaksAtOnceIsNotTriedInHaste) {
    server_.faults.emplace("heartbeat", Error(ErrorCode::gone, "no more"));
    pass(60s);
    EXPECT_LE(server_.take().size(), 2u * 9);
}

TEST_F(ServerLinkTest, KeepsAResultThatIsNotTaken) {
    server_.faults.emplace("finished 5", Error(ErrorCode::noSpace, "full"));
    spool_.add(reportOf(5));
    spool_.add(reportOf(6));
    step();
    EXPECT_EQ(server_.take(), (Notes{"attach", "heartbeat", "finished 5", "finished 6"}));
    step();
    EXPECT_EQ(server_.take(), Notes());
    server_.faults.clear();
    pass(31s);
    EXPECT_EQ(server_.take(), (Notes{"heartbeat", "heartbeat", "heartbeat", "finished 5"}));
    EXPECT_TRUE(spool_.keys().empty());
}

TEST_F(ServerLinkTest, KeepsAResultWhenTheServerGoes) {
    server_.faults.emplace("finished 5", Error(ErrorCode::unavailable, "away"));
    spool_.add(reportOf(5));
    step();
    EXPECT_EQ(server_.take(), (Notes{"attach", "heartbeat", "finished 5"}));
    server_.faults.clear();
    pass(1s);
    EXPECT_EQ(server_.take(), (Notes{"attach", "heartbeat", "finished 5"}));
    EXPECT_TRUE(spool_.keys().empty());
}

TEST_F(ServerLinkTest, DropsAResultThatNobodyKnowsOf) {
    server_.faults.emplace("finished 5", Error(ErrorCode::notFound, "no such run"));
    spool_.add(reportOf(5));
    step();
    EXPECT_TRUE(spool_.keys().empty());
}

TEST_F(ServerLinkTest, ComesBackWhenTheServerAsksToWait) {
    server_.faults.emplace("attach", Error(ErrorCode::limitExceeded, "busy").withRetryAfter(5000));
    step();
    EXPECT_EQ(due_ - now_, 5s);
}

TEST_F(ServerLinkTest, DoesNotSpeakWhatItDoesNotKnow) {
    server_.levelsAhead = 1;
    step();
    EXPECT_EQ(server_.take(), (Notes{"attach"}));
    EXPECT_EQ(due_ - now_, 250ms);
}

TEST_F(ServerLinkTest, LeavesInOrder) {
    step();
    server_.take();
    spool_.add(reportOf(5));
    link_->leave();
    EXPECT_EQ(server_.take(), (Notes{"finished 5", "detach"}));
    link_->leave();
    EXPECT_EQ(server_.take(), Notes());
}

TEST_F(ServerLinkTest, RunsUntilItIsStopped) {
    ThreadScope thread;
    thread.start([&] { link_->run(); });
    link_->wake();
    link_->stop();
    thread.join();
    EXPECT_EQ(server_.notes.back(), "detach");
}

TEST_F(ServerLinkTest, BoundsTheProblemsOfAResult) {
    RunReport report = reportOf(5);
    for (int i = 0; i < 2200; ++i) report.problems.push_back({"/a", "io-error", "bad"});
    spool_.add(report);
    step();
    EXPECT_EQ(server_.result.problems.length(), 2000u);
    report.run = 6;
    for (auto& problem : report.problems) problem.message = std::string(10'000, 'x');
    spool_.add(report);
    step();
    EXPECT_LT(server_.result.problems.length(), 500u);
}

}  // namespace
}  // namespace coffer
