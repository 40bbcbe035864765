#include "management_server/runs/server_jobs.h"

#include <gtest/gtest.h>

#include "core/base/threads.h"
#include "tests/management_server/runs/runs_fixture.h"

namespace coffer {
namespace {

struct ServerJobsTest : RunsFixture {
    std::int64_t verification(const std::string& repository = "main") {
        return runs->add(
            runs->starter().ofRepository(run_kind::verify, "ann", repository, {{"workers", "1"}}));
    }

    /// Has the repository open only when `released` is set; says when somebody wants it.
    void hold() {
        repositories.opening = [this](const std::string&) {
            door.change([](Door& d) { d.knocked = true; });
            door.when([](const Door& d) { return d.open; }, [](Door&) {});
        };
    }
    void awaitKnock() {
        door.when([](const Door& d) { return d.knocked; }, [](Door&) {});
    }
    void release() {
        door.change([](Door& d) { d.open = true; });
    }
    void await(std::int64_t run, const std::string& wanted) {
        // Steps are announced: nobody has to look again and again.
        for (std::uint64_t seen = 0; state(run) != wanted;) {
            const auto news = events->waitSince(
                seen, 1'000, std::chrono::steady_clock::now() + std::chrono::seconds(60));
            ASSERT_FALSE(news.empty());
            seen = news.back().number;
        }
    }

    struct Door {
        bool knocked = false;
        bool open = false;
    };
    Guarded<Door> door;
};

TEST_F(ServerJobsTest, FindsARepositorySound) {
    const std::int64_t run = verification();
    EXPECT_EQ(state(run), "queued");
    runs->work();
    const RunRecord done = runs->get(run);
    EXPECT_EQ(state(run), "succeeded");
    EXPECT_EQ(done.stand.attempt, 1U);
    EXPECT_EQ(done.counts.at("snapshots"), "1");
    EXPECT_EQ(done.counts.at("damaged-packs"), "0");
    EXPECT_NE(done.counts.at("bytes"), "0");
    EXPECT_EQ(told(run), (Texts{"run-ordered", "run-started", "run-ended"}));
}

TEST_F(ServerJobsTest, ReadsAsDeepAsItIsAsked) {
    const std::int64_t run = runs->add(
        runs->starter().ofRepository(run_kind::verify, "ann", "main", {{"depth", "structure"}}));
    runs->work();
    EXPECT_EQ(state(run), "succeeded");
    EXPECT_EQ(runs->get(run).counts.at("stored-bytes"), "0");
    EXPECT_EQ(runs->get(run).counts.at("snapshots"), "1");
}

TEST_F(ServerJobsTest, CarriesOutOtherKindsToo) {
    works["count"] = [](const ServerTask& task) {
        task.problems.add("/a", ErrorCode::corrupt, "odd");
        return ServerVerdict{RunOutcome::warnings, "counted", {{"n", task.run.options.at("n")}}};
    };
    begin();
    RunRecord order = runs->starter().ofRepository(run_kind::verify, "ann", "main", {{"n", "7"}});
    order.kind = "count";
    const std::int64_t run = runs->add(order);
    order.kind = "nonsense";
    const std::int64_t unknown = runs->add(order);
    runs->work();
    EXPECT_EQ(state(run), "warnings");
    EXPECT_EQ(message(run), "counted");
    EXPECT_EQ(runs->get(run).counts.at("n"), "7");
    EXPECT_EQ(runs->problems(run).size(), 1U);
    EXPECT_EQ(state(unknown), "failed");
    EXPECT_NE(message(unknown).find("nonsense"), std::string::npos);
}

TEST_F(ServerJobsTest, CarriesOutWhatIsAboutNoRepository) {
    freeWorks["synchronise"] = [](const FreeTask& task) -> ServerVerdict {
        task.note({"laptop:/a", "remove", "why"});
        task.problems.add("laptop:/b", ErrorCode::ioError, "broken");
        return {RunOutcome::warnings, task.run.target, {{"files", "3"}}};
    };
    begin();
    RunRecord wanted;
    wanted.kind = run_kind::synchronise;
    wanted.user = "ann";
    wanted.what = {"laptop:/x"};
    wanted.target = "nas:/x";
    const std::int64_t run = runs->add(wanted);
    runs->work();
    const RunRecord done = runs->get(run);
    EXPECT_EQ(state(run), "warnings");
    EXPECT_EQ(done.message, "nas:/x");
    EXPECT_EQ(done.counts.at("files"), "3");
    EXPECT_EQ(done.problems, 1U);
    RunLogFilter filter;
    filter.codes = {"remove"};
    const RunLogPage page = runs->logOf(run, filter, 0, 10);
    ASSERT_EQ(page.entries.size(), 1U);
    EXPECT_EQ(page.entries.front().where, "laptop:/a");
}

TEST_F(ServerJobsTest, FailsWhenTheRepositoryCannotBeOpened) {
    const std::int64_t run = verification();
    repositories.opening = [](const std::string&) { throw Error(ErrorCode::ioError, "broken"); };
    runs->work();
    EXPECT_EQ(state(run), "failed");
    EXPECT_EQ(message(run), "broken");
    repositories.opening = {};
    runs->resume(run);
    runs->work();
    EXPECT_EQ(state(run), "succeeded");
    EXPECT_EQ(attempt(run), 2U);
}

TEST_F(ServerJobsTest, DropsWhatIsCancelledBeforeItBegins) {
    const std::int64_t run = verification();
    runs->cancel(run);
    EXPECT_EQ(state(run), "cancelled");
    runs->work();
    EXPECT_EQ(state(run), "cancelled");
    EXPECT_EQ(attempt(run), 0U);
}

TEST_F(ServerJobsTest, StopsWhenItIsCancelled) {
    hold();
    const std::int64_t run = 1;
    repositories.opening = {};
    verification();
    hold();
    runs->start();
    awaitKnock();
    EXPECT_EQ(state(run), "running");
    runs->cancel(run);
    EXPECT_EQ(runs->get(run).phase, "cancelling");
    runs->cancel(run);
    release();
    await(run, "cancelled");
    runs->stop();
    EXPECT_EQ(told(run), (Texts{"run-ordered", "run-started", "run-cancelling", "run-ended"}));
}

TEST_F(ServerJobsTest, TakesOneAtATimeOfARepository) {
    const std::int64_t first = verification("main");
    const std::int64_t second = verification("main");
    const std::int64_t other = verification("new");
    repositories.opening = [this](const std::string& name) {
        if (name != "main") return;
        door.change([](Door& d) { d.knocked = true; });
        door.when([](const Door& d) { return d.open; }, [](Door&) {});
    };
    runs->start();
    awaitKnock();
    await(other, "succeeded");
    EXPECT_EQ(state(first), "running");
    EXPECT_EQ(state(second), "waiting");
    EXPECT_EQ(message(second), "waiting for a slot of repository main");
    release();
    await(first, "succeeded");
    await(second, "succeeded");
}

TEST_F(ServerJobsTest, BeginsAnewAfterACleanStop) {
    const std::int64_t run = verification();
    const std::int64_t waits = verification();
    hold();
    runs->start();
    awaitKnock();
    ThreadScope threads;
    threads.start([&] { runs->stop(); });
    release();
    threads.join();
    EXPECT_EQ(state(run), "queued");
    EXPECT_EQ(state(waits), "waiting");
    repositories.opening = {};
    begin();
    runs->work();
    EXPECT_EQ(state(run), "succeeded");
    EXPECT_EQ(attempt(run), 2U);
    EXPECT_EQ(state(waits), "succeeded");
}

TEST_F(ServerJobsTest, BeginsAnewAfterACrashButNotForEver) {
    const std::int64_t run = verification();
    const auto crash = [&](std::uint32_t attempt) {
        database->change([&](SqlDatabase& db) {
            RunTable table(db);
            RunRecord record = table.find(run).value();
            record.stand.state = RunState::running;
            record.stand.attempt = attempt;
            table.update(record);
        });
        begin();
    };
    crash(1);
    EXPECT_EQ(state(run), "queued");
    crash(7);  // it was paused and resumed: only a crash counts
    EXPECT_EQ(state(run), "queued");
    crash(8);
    EXPECT_EQ(state(run), "failed");
    EXPECT_NE(message(run), "");
    runs->work();
    EXPECT_EQ(state(run), "failed");
}

TEST_F(ServerJobsTest, BeginsAnewAfterAPause) {
    const std::int64_t run = verification();
    hold();
    runs->start();
    awaitKnock();
    runs->pause(run, "paused by ann");
    EXPECT_EQ(runs->get(run).phase, "parking");
    release();
    await(run, "parked");
    EXPECT_EQ(message(run), "paused by ann");
    repositories.opening = {};
    runs->resume(run);
    await(run, "succeeded");
    EXPECT_EQ(attempt(run), 2U);
    runs->stop();
}

TEST_F(ServerJobsTest, StaysPausedOverACrash) {
    const std::int64_t run = verification();
    runs->pause(run, "paused by ann");
    EXPECT_EQ(state(run), "parked");
    begin();
    runs->work();
    EXPECT_EQ(state(run), "parked");
    runs->resume(run);
    runs->work();
    EXPECT_EQ(state(run), "succeeded");
    EXPECT_EQ(attempt(run), 1U);
}

TEST_F(ServerJobsTest, EndsARunThatNoThreadHas) {
    const std::int64_t run = verification();
    runs->cancel(run);
    database->change([&](SqlDatabase& db) {
        RunTable table(db);
        RunRecord record = table.find(run).value();
        record.stand = {RunState::running, 1, false, false};
        table.update(record);
    });
    runs->cancel(run);
    EXPECT_EQ(state(run), "cancelled");
}

TEST_F(ServerJobsTest, TellsHowFarItIs) {
    const std::int64_t run = verification();
    std::string seen;
    repositories.opening = [&](const std::string&) {
        runs->tick();
        seen = runs->get(run).counts.at("total-bytes");
    };
    runs->work();
    EXPECT_EQ(seen, "0");
}

}  // namespace
}  // namespace coffer
