#include "core/agent/task_runner.h"

#include <gtest/gtest.h>

#include <map>

#include "core/storage/memory_store.h"
#include "tests/core/agent/scripted_worker.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

/// Gives out scripted workers in the order in which they are started.
class ScriptedLauncher : public WorkerLauncher {
  public:
    std::unique_ptr<WorkerProcess> launch() override {
        auto script = std::make_shared<WorkerScript>();
        if (fails) throw Error(ErrorCode::notFound, "no such program");
        if (prepare) prepare(*script);
        scripts.change([&](auto& all) { all.push_back(script); });
        return std::make_unique<ScriptedWorker>(*script, ScriptedWorker::Idle::waits);
    }
    // Waits until so many workers have been started, and gives the last of them.
    WorkerScript& await(std::size_t count) {
        return scripts.when([&](const auto& all) { return all.size() >= count; },
                            [&](auto& all) -> WorkerScript& { return *all[count - 1]; });
    }
    std::size_t count() {
        return scripts.with([](const auto& all) { return all.size(); });
    }

    bool fails = false;
    std::function<void(WorkerScript&)> prepare;
    Guarded<std::vector<std::shared_ptr<WorkerScript>>> scripts;
};

class TaskRunnerTest : public testing::Test {
  protected:
    TaskRunner& runner(unsigned atOnce = 1) {
        runner_.emplace(
            launcher_, spool_,
            [](const RunOrder& order) { return "order " + std::to_string(order.run) + "\n"; },
            [this] { changes_.change([](int& count) { ++count; }); },
            TaskRunner::Settings{atOnce, [] { return RunSupervisor::Time{}; }});
        return *runner_;
    }
    static RunOrder order(std::int64_t run, std::uint32_t attempt = 1) {
        RunOrder order;
        order.run = run;
        order.attempt = attempt;
        order.kind = "backup";
        order.what = {"/"};
        return order;
    }
    static void succeed(WorkerScript& script) {
        script.says(WorkerResult{"succeeded", "", "", {}});
        script.ends();
    }
    // Reacts to a wish as a worker does.
    static void obey(WorkerScript& script) {
        script.reaction = [&script, cancelled = false](const std::string& what) mutable {
            const auto sent = script.state.with([](auto& state) { return state.sent.size(); });
            if (what == "send" && sent == 2) cancelled = true;
            if (what != "close" && !cancelled) return;
            script.says(WorkerResult{cancelled ? "cancelled" : "interrupted", "", "", {}});
            script.ends();
        };
    }
    RunReport awaitResult(const ResultSpool::Key& key) {
        changes_.when([&](int) { return spool_.contains(key); }, [](int) {});
        return *spool_.get(key);
    }
    // Until something holds that changes are told of.
    void await(const std::function<bool()>& holds) {
        changes_.when([&](int) { return holds(); }, [](int) {});
    }

    MemoryStore store_;
    ResultSpool spool_{store_};
    ScriptedLauncher launcher_;
    Guarded<int> changes_{0};
    std::optional<TaskRunner> runner_;
};

TEST_F(TaskRunnerTest, CarriesOutAnOrder) {
    launcher_.prepare = succeed;
    runner().start(order(5, 2));
    const RunReport report = awaitResult({5, 2});
    EXPECT_EQ(report.result.outcome, "succeeded");
    EXPECT_EQ(report.run, 5);
    EXPECT_EQ(report.attempt, 2u);
    const auto sent = launcher_.await(1).state.with([](auto& state) { return state.sent; });
    EXPECT_EQ(sent, (std::vector<std::string>{"order 5\n"}));
}

TEST_F(TaskRunnerTest, KnowsAnOrderAgain) {
    auto& tasks = runner();
    tasks.start(order(1));
    WorkerScript& first = launcher_.await(1);
    tasks.start(order(1));  // at work
    tasks.start(order(2));
    tasks.start(order(2));  // waits
    EXPECT_EQ(tasks.active().size(), 2u);
    launcher_.prepare = succeed;
    succeed(first);
    awaitResult({2, 1});
    tasks.start(order(1));  // in the spool
    spool_.remove({1, 1});
    tasks.start(order(1));  // handed over
    await([&] { return tasks.active().empty(); });
    EXPECT_EQ(launcher_.count(), 2u);
}

TEST_F(TaskRunnerTest, DoesWhatBelongsAroundTheWork) {
    TaskRunner::Settings settings{1, [] { return RunSupervisor::Time{}; }};
    settings.around = [](const RunOrder& order, const std::function<RunWish()>& wish,
                         const std::function<RunReport()>& work) {
        EXPECT_EQ(wish(), RunWish::goOn);
        if (order.run == 2) throw Error(ErrorCode::notFound, "nothing to do");
        RunReport report = work();
        report.result.message = "after " + report.result.outcome;
        return report;
    };
    runner_.emplace(
        launcher_, spool_, [](const RunOrder&) { return "order\n"; },
        [this] { changes_.change([](int& count) { ++count; }); }, settings);
    launcher_.prepare = succeed;
    runner_->start(order(1));
    EXPECT_EQ(awaitResult({1, 1}).result.message, "after succeeded");
    runner_->start(order(2));
    EXPECT_EQ(awaitResult({2, 1}).result.outcome, "failed");
    EXPECT_EQ(launcher_.count(), 1u);
}

TEST_F(TaskRunnerTest, RunsNoMoreAtOnceThanItMay) {
    auto& tasks = runner(2);
    for (int run = 1; run <= 3; ++run) tasks.start(order(run));
    WorkerScript& first = launcher_.await(1);
    launcher_.await(2);
    EXPECT_EQ(tasks.active().size(), 3u);
    EXPECT_EQ(launcher_.count(), 2u);
    succeed(first);
    launcher_.await(3);
    launcher_.scripts.with([](auto& all) {
        for (const auto& script : all) succeed(*script);
    });
    for (int run = 1; run <= 3; ++run) awaitResult({run, 1});
}

TEST_F(TaskRunnerTest, HowManyAtOnceMayChange) {
    auto& tasks = runner(1);
    for (int run = 1; run <= 4; ++run) tasks.start(order(run));
    launcher_.await(1);
    tasks.setAtOnce(3);
    launcher_.await(3);
    tasks.setAtOnce(1);
    for (std::size_t i : {0u, 1u}) {
        launcher_.scripts.with([&](auto& all) { succeed(*all[i]); });
        await([&] { return tasks.active().size() == 3 - i; });
    }
    EXPECT_EQ(launcher_.count(), 3u) << "one is at work still";
    launcher_.scripts.with([](auto& all) { succeed(*all[2]); });
    succeed(launcher_.await(4));
    awaitResult({4, 1});
}

TEST_F(TaskRunnerTest, TellsWhatIsNew) {
    auto& tasks = runner();
    tasks.start(order(1));
    WorkerScript& script = launcher_.await(1);
    tasks.news();
    EXPECT_TRUE(tasks.news().empty());
    script.says(WorkerProgress{"running", {{"files", 3}}});
    std::vector<RunNews> news;
    await([&] { return !(news = tasks.news()).empty(); });
    ASSERT_EQ(news.size(), 1u);
    EXPECT_EQ(news[0], (RunNews{1, 1, "running", {{"files", 3}}}));
    EXPECT_EQ(tasks.active(), news);
    EXPECT_TRUE(tasks.news().empty());
    succeed(script);
}

TEST_F(TaskRunnerTest, CancelsARunAtWork) {
    launcher_.prepare = obey;
    auto& tasks = runner();
    tasks.start(order(1));
    launcher_.await(1);
    tasks.cancel(1);
    EXPECT_EQ(awaitResult({1, 1}).result.outcome, "cancelled");
}

TEST_F(TaskRunnerTest, CancelsARunThatWaits) {
    auto& tasks = runner();
    tasks.start(order(1));
    WorkerScript& first = launcher_.await(1);
    tasks.start(order(2));
    tasks.cancel(2);
    EXPECT_EQ(spool_.get({2, 1})->result.outcome, "cancelled");
    tasks.cancel(77);
    succeed(first);
    awaitResult({1, 1});
    EXPECT_EQ(launcher_.count(), 1u);
}

TEST_F(TaskRunnerTest, ALaterAttemptTakesThePlaceOfAnEarlierOne) {
    launcher_.prepare = obey;
    auto& tasks = runner(2);
    tasks.start(order(1, 1));
    launcher_.await(1);
    tasks.start(order(1, 2));
    EXPECT_EQ(awaitResult({1, 1}).result.outcome, "interrupted");
    succeed(launcher_.await(2));
    EXPECT_EQ(awaitResult({1, 2}).result.outcome, "succeeded");
    spool_.remove({1, 1});
    expectError(ErrorCode::conflict, [&] { tasks.start(order(1, 1)); });
}

TEST_F(TaskRunnerTest, AnAttemptThatWaitedIsReplaced) {
    auto& tasks = runner();
    tasks.start(order(9));
    WorkerScript& first = launcher_.await(1);
    tasks.start(order(1, 1));
    tasks.start(order(1, 2));
    EXPECT_EQ(spool_.get({1, 1})->result.outcome, "interrupted");
    launcher_.prepare = succeed;
    succeed(first);
    EXPECT_EQ(awaitResult({1, 2}).result.outcome, "succeeded");
    EXPECT_EQ(launcher_.count(), 2u);
}

TEST_F(TaskRunnerTest, AWorkerThatCannotBeStartedIsAFailedRun) {
    launcher_.fails = true;
    runner().start(order(1));
    const RunReport report = awaitResult({1, 1});
    EXPECT_EQ(report.result.outcome, "failed");
    EXPECT_NE(report.result.message.find("no such program"), std::string::npos);
}

TEST_F(TaskRunnerTest, StoppingInterruptsEverything) {
    launcher_.prepare = obey;
    auto& tasks = runner();
    tasks.start(order(1));
    launcher_.await(1);
    tasks.start(order(2));
    tasks.stop();
    EXPECT_EQ(spool_.get({1, 1})->result.outcome, "interrupted");
    EXPECT_EQ(spool_.get({2, 1})->result.outcome, "interrupted");
    EXPECT_TRUE(tasks.active().empty());
    expectError(ErrorCode::unavailable, [&] { tasks.start(order(3)); });
}

TEST_F(TaskRunnerTest, BoundsHowManyWait) {
    auto& tasks = runner();
    tasks.start(order(1));
    WorkerScript& first = launcher_.await(1);
    for (int run = 2; run <= 501; ++run) tasks.start(order(run));
    expectError(ErrorCode::limitExceeded, [&] { tasks.start(order(5000)); });
    tasks.start(order(7, 2));  // takes the place of another
    launcher_.prepare = succeed;
    succeed(first);
    awaitResult({501, 1});
}

}  // namespace
}  // namespace coffer
