#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>

#include "core/agent/worker_process.h"
#include "core/base/guarded.h"
#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "tests/support/expect_error.h"
#include "tests/workstation_agent/network/small_server.h"

namespace coffer {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

/// A program with arguments, and what it has said.
class Program {
  public:
    Program(const ScratchFolder& scratch, const std::string& name, const std::string& words) {
        const std::string script = scratch / name;
        std::ofstream(script) << "#!/bin/sh\nexec " << words << "\n";
        ::chmod(script.c_str(), 0700);
        process_ = makeProcessLauncher(script)->launch();
    }
    WorkerProcess& operator*() { return *process_; }

    /// Waits for its end; gives how it was.
    std::string end() {
        for (;;) {
            const WorkerEvent event = process_->next(60s);
            if (event.kind == WorkerEvent::Kind::ended) return process_->ending();
            said_ += event.text + "\n";
        }
    }
    const std::string& said() const { return said_; }

  private:
    std::unique_ptr<WorkerProcess> process_;
    std::string said_;
};

/// Holds calls up. Shared with the threads of the ORB, which may still wake up in it when the test
/// that has let them go is over.
class Hold {
  public:
    void pass() {
        state_.change([](State& state) { state = std::max(state, State::somebodyWaits); });
        state_.when([](State state) { return state == State::open; }, [](State&) {});
    }
    void untilSomebodyWaits() {
        state_.when([](State state) { return state == State::somebodyWaits; }, [](State&) {});
    }
    void open() {
        state_.change([](State& state) { state = State::open; });
    }

  private:
    enum class State { closed, somebodyWaits, open };
    Guarded<State> state_{State::closed};
};

/// The programs of an agent against a small server, over TLS.
class AgentNetworkTest : public testing::Test {
  protected:
    AgentNetworkTest() {
        ::signal(SIGPIPE, SIG_IGN);
        fs::create_directories(scratch_ / "data/sub");
        fs::create_directories(scratch_ / "state");
        std::ofstream(scratch_ / "state/agent.ini") << "[log]\nfile = " << scratch_ / "agent.log"
                                                    << "\n";
        std::ofstream(scratch_ / "data/a") << "one";
        std::ofstream(scratch_ / "data/sub/b") << std::string(3'000'000, 'b');
    }

    Program enrol(const std::string& token, const std::string& more = "") {
        Program program(scratch_, "enrol",
                        std::string(COFFER_AGENT) + " --state " + (scratch_ / "state") +
                            " enrol --server " + server_.endpoint().text() +
                            " --token-file - --allow-write " + (scratch_ / "in") + " " + more);
        (*program).send(token + "\n");
        return program;
    }
    void TearDown() override {
        if (!HasFailure()) return;
        std::ifstream log(scratch_ / "agent.log");
        std::cerr << log.rdbuf();
    }
    // From here on whoever opens a pack waits.
    std::shared_ptr<Hold> holdPacks() {
        const auto hold = std::make_shared<Hold>();
        server_.onStore([hold](const std::string& operation) {
            if (operation == "openPack") hold->pass();
        });
        return hold;
    }
    // An agent that has attached.
    std::unique_ptr<Program> agent() {
        Program enrolment = enrol(server_.token());
        EXPECT_EQ(enrolment.end(), "exit code 0") << enrolment.said();
        return runAgent();
    }
    std::unique_ptr<Program> runAgent() {
        const int before = server_.attached();
        auto program = std::make_unique<Program>(
            scratch_, "run",
            std::string(COFFER_AGENT) + " --state " + (scratch_ / "state") + " run");
        server_.await([&](const Told& told) { return told.attached > before; });
        return program;
    }
    void start(const Coffer::RunOrder& order) {
        const auto control = server_.control();
        rpc::call("start", [&] { control->startRun(order); });
    }

    ScratchFolder scratch_;
    SmallServer server_;
};

TEST_F(AgentNetworkTest, ShowsItsFilesAndRuns) {
    const auto program = agent();
    const auto control = server_.control();
    const auto path = rpc::toPath(scratch_ / "data");
    server_.inUpcall([&] {
        Coffer::EntryIterator_var rest;
        Coffer::Entries_var entries = control->list(path, 1, rest.out());
        EXPECT_EQ(entries->length(), 1u);
        EXPECT_FALSE(rest->next(10, entries.out()));
        EXPECT_EQ(entries->length(), 1u);
    });
    const Coffer::Octets_var data =
        rpc::call("read", [&] { return control->read(rpc::toPath(scratch_ / "data/a"), 0, 10); });
    EXPECT_EQ(textOf(rpc::viewOf(data)), "one");
    expectError(ErrorCode::permissionDenied,
                [&] { start(server_.restoreOrder(9, "", "/", scratch_ / "out")); });

    start(server_.backupOrder(1, scratch_ / "data"));
    const auto made = server_.result(1);
    ASSERT_STREQ(made->outcome, "succeeded") << made->message.in();
    start(server_.restoreOrder(2, made->snapshot.in(), scratch_ / "data", scratch_ / "in"));
    const auto back = server_.result(2);
    ASSERT_STREQ(back->outcome, "succeeded") << back->message.in();
    EXPECT_EQ(fs::file_size(scratch_ / "in/sub/b"), 3'000'000u);

    (**program).terminate();
    EXPECT_EQ(program->end(), "exit code 0");
    server_.await([](const Told& told) { return told.detached; });
}

TEST_F(AgentNetworkTest, ATokenServesOnce) {
    EXPECT_EQ(enrol(server_.token()).end(), "exit code 0");
    Program again = enrol(server_.token());
    EXPECT_EQ(again.end(), "exit code 1");
    EXPECT_NE(again.said().find("--again"), std::string::npos) << again.said();
    Program used = enrol(server_.token(), "--again");
    EXPECT_EQ(used.end(), "exit code 1");
    EXPECT_NE(used.said().find("get a new one"), std::string::npos) << used.said();
}

TEST_F(AgentNetworkTest, ATokenOfAnotherServerIsNoticed) {
    Program other = enrol("cft1-" + std::string(64, '0') + "-" + std::string(64, '5'));
    EXPECT_EQ(other.end(), "exit code 1");
    EXPECT_NE(other.said().find("not the server that the token is from"), std::string::npos)
        << other.said();
    EXPECT_FALSE(fs::exists(scratch_ / "state/agent.pem"));
}

TEST_F(AgentNetworkTest, ASecondAgentIsRefused) {
    const auto program = agent();
    Program second(scratch_, "second",
                   std::string(COFFER_AGENT) + " --state " + (scratch_ / "state") + " run");
    EXPECT_EQ(second.end(), "exit code 5");
}

TEST_F(AgentNetworkTest, CancelsARunInTheMiddleOfACall) {
    const auto program = agent();
    const std::shared_ptr<Hold> hold = holdPacks();
    start(server_.backupOrder(1, scratch_ / "data"));
    hold->untilSomebodyWaits();
    const auto control = server_.control();
    rpc::call("cancel", [&] { control->cancelRun(1); });
    EXPECT_STREQ(server_.result(1)->outcome, "cancelled");
    hold->open();
}

TEST_F(AgentNetworkTest, GoesOnAfterTheStoreHasForgottenTheSession) {
    const auto program = agent();
    server_.onStore([&](const std::string& operation) {
        if (operation == "commit") throw CORBA::OBJECT_NOT_EXIST();
    });
    start(server_.backupOrder(1, scratch_ / "data"));
    EXPECT_STREQ(server_.result(1)->outcome, "interrupted");
    server_.onStore([](const std::string&) {});
    Coffer::RunOrder order = server_.backupOrder(2, scratch_ / "data");
    start(order);
    const auto made = server_.result(2);
    EXPECT_STREQ(made->outcome, "succeeded") << made->message.in();
    // The folders above change with whatever else goes on in them.
    EXPECT_LT(rpc::numberIn(rpc::toMap(made->counts), "new-bytes", 0), 2000u);
}

TEST_F(AgentNetworkTest, GoesOnWhenAnAgentHasDied) {
    auto program = agent();
    const std::shared_ptr<Hold> hold = holdPacks();
    start(server_.backupOrder(1, scratch_ / "data"));
    hold->untilSomebodyWaits();
    (**program).kill();  // its worker notices and ends
    program->end();
    hold->open();
    program = runAgent();
    start(server_.backupOrder(2, scratch_ / "data"));
    EXPECT_STREQ(server_.result(2)->outcome, "succeeded");
}

}  // namespace
}  // namespace coffer
