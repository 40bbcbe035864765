#include "core/agent/run_supervisor.h"

#include <gtest/gtest.h>

#include "tests/core/agent/scripted_worker.h"

namespace coffer {
namespace {

using namespace std::chrono_literals;

class RunSupervisorTest : public testing::Test {
  protected:
    RunReport follow() {
        ScriptedWorker worker(script_, ScriptedWorker::Idle::timePasses);
        RunSupervisor supervisor(
            worker, {[this] { return script_.now(); }, [this] { return wish_(); },
                     [this](const WorkerProgress& progress) { progress_.push_back(progress); },
                     [this](const std::string& line) { remarks_.push_back(line); }});
        return supervisor.follow("order\n");
    }
    WorkerScript::State done() {
        return script_.state.with([](const WorkerScript::State& state) { return state; });
    }
    static WorkerResult succeeded() { return {"succeeded", "", "0123", {{"files", 1}}}; }

    WorkerScript script_;
    std::function<RunWish()> wish_ = [] { return RunWish::goOn; };
    std::vector<WorkerProgress> progress_;
    std::vector<std::string> remarks_;
};

TEST_F(RunSupervisorTest, FollowsAWorkerToItsResult) {
    script_.says(WorkerProgress{"running", {{"files", 1}}});
    script_.says(WorkerProblem{"/a", "io-error", "bad"});
    script_.says(succeeded());
    script_.ends();
    const RunReport report = follow();
    EXPECT_EQ(report.result.outcome, "succeeded");
    EXPECT_EQ(report.result.snapshot, "0123");
    ASSERT_EQ(report.problems.size(), 1u);
    EXPECT_EQ(report.problems[0].path, "/a");
    ASSERT_EQ(progress_.size(), 1u);
    EXPECT_EQ(progress_[0].phase, "running");
    EXPECT_EQ(done().sent, (std::vector<std::string>{"order\n"}));
    EXPECT_TRUE(done().inputClosed);
    EXPECT_FALSE(done().terminated);
}

TEST_F(RunSupervisorTest, AWorkerThatDiesLeavesARunToGoOnWith) {
    script_.ends();
    const RunReport report = follow();
    EXPECT_EQ(report.result.outcome, "interrupted");
    EXPECT_NE(report.result.message.find("exit code 7"), std::string::npos);
}

TEST_F(RunSupervisorTest, TheFirstResultCounts) {
    script_.says(succeeded());
    script_.says(WorkerResult{"failed", "", "", {}});
    script_.ends();
    EXPECT_EQ(follow().result.outcome, "succeeded");
}

TEST_F(RunSupervisorTest, CancelsByALine) {
    script_.says(WorkerProgress{"running", {}});
    wish_ = [this] { return progress_.empty() ? RunWish::goOn : RunWish::cancel; };
    script_.reaction = [this](const std::string& what) {
        if (what != "send" || done().sent.size() < 2) return;
        script_.says(WorkerResult{"cancelled", "", "", {}});
        script_.ends();
    };
    EXPECT_EQ(follow().result.outcome, "cancelled");
    EXPECT_EQ(done().sent, (std::vector<std::string>{"order\n", cancelLine}));
    EXPECT_FALSE(done().terminated);
}

TEST_F(RunSupervisorTest, StopsByTheEndOfTheInput) {
    wish_ = [] { return RunWish::stop; };
    script_.reaction = [this](const std::string& what) {
        if (what == "close") script_.ends();
    };
    EXPECT_EQ(follow().result.outcome, "interrupted");
    EXPECT_EQ(done().sent.size(), 1u);
}

TEST_F(RunSupervisorTest, EndsAWorkerThatDoesNotListen) {
    wish_ = [] { return RunWish::cancel; };
    RunSupervisor::Time terminated{};
    RunSupervisor::Time killed{};
    script_.reaction = [&](const std::string& what) {
        if (what == "terminate") terminated = script_.now();
        if (what != "kill") return;
        killed = script_.now();
        script_.ends();
    };
    EXPECT_EQ(follow().result.outcome, "cancelled");
    EXPECT_EQ(terminated.time_since_epoch(), 10s);
    EXPECT_EQ(killed.time_since_epoch(), 20s);
}

TEST_F(RunSupervisorTest, GoesOnWithoutAWorkerThatCannotBeEnded) {
    wish_ = [] { return RunWish::stop; };
    const RunReport report = follow();
    EXPECT_EQ(report.result.outcome, "interrupted");
    EXPECT_EQ(script_.now().time_since_epoch(), 30s);
}

TEST_F(RunSupervisorTest, AWorkerThatStaysAfterItsResultIsEnded) {
    script_.says(succeeded());
    EXPECT_EQ(follow().result.outcome, "succeeded");
    EXPECT_TRUE(done().killed);
}

TEST_F(RunSupervisorTest, AStopAfterACancelLeavesItCancelled) {
    int asked = 0;
    wish_ = [&asked] { return ++asked < 3 ? RunWish::cancel : RunWish::stop; };
    script_.reaction = [this](const std::string& what) {
        if (what == "close") script_.ends();
    };
    EXPECT_EQ(follow().result.outcome, "cancelled");
}

TEST_F(RunSupervisorTest, ALineWithoutEndIsTheEndOfTheWorker) {
    script_.add({WorkerEvent::Kind::report, "xxxx", true});
    script_.says(succeeded());
    script_.ends();
    const RunReport report = follow();
    EXPECT_EQ(report.result.outcome, "failed");
    EXPECT_TRUE(done().killed);
}

TEST_F(RunSupervisorTest, AResultThatIsNoneIsAFault) {
    script_.says(WorkerResult{"splendid", "", "", {}});
    script_.ends();
    const RunReport report = follow();
    EXPECT_EQ(report.result.outcome, "failed");
    EXPECT_NE(report.result.message.find("splendid"), std::string::npos);
}

TEST_F(RunSupervisorTest, SomeGarbageIsARemarkAndMuchTheEnd) {
    script_.add({WorkerEvent::Kind::report, "a library says hello"});
    script_.says(succeeded());
    script_.ends();
    EXPECT_EQ(follow().result.outcome, "succeeded");
    ASSERT_EQ(remarks_.size(), 1u);

    script_.state.with([](WorkerScript::State& state) { state = {}; });
    for (int i = 0; i < 2000; ++i) script_.add({WorkerEvent::Kind::report, "garbage"});
    script_.ends();
    EXPECT_EQ(follow().result.outcome, "failed");
    EXPECT_TRUE(done().killed);
}

TEST_F(RunSupervisorTest, BoundsWhatAWorkerSays) {
    for (int i = 0; i < 1500; ++i) script_.says(WorkerProblem{"/a", "io-error", "bad"});
    for (int i = 0; i < 1500; ++i) script_.add({WorkerEvent::Kind::remark, "remark"});
    RunCounts counts;
    for (int i = 0; i < 500; ++i) counts["n" + std::to_string(i)] = 1;
    script_.says(WorkerResult{"warnings", std::string(10'000, 'x'), "", counts});
    script_.ends();
    const RunReport report = follow();
    EXPECT_EQ(report.problems.size(), 1000u);
    EXPECT_EQ(remarks_.size(), 1001u);
    EXPECT_EQ(report.result.message.size(), 4000u);
    EXPECT_EQ(report.result.counts.size(), 100u);
}

TEST_F(RunSupervisorTest, BoundsTheOctetsOfProblems) {
    for (int i = 0; i < 20; ++i) {
        script_.says(WorkerProblem{"/" + std::string(100'000, 'x'), "io-error", ""});
    }
    script_.ends();
    EXPECT_EQ(follow().problems.size(), 10u);
}

}  // namespace
}  // namespace coffer
