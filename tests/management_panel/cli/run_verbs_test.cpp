// backup, restore, verify, runs, run show, cancel, resume.

#include "core/rpc/convert.h"
#include "tests/management_panel/cli/cli_fixture.h"

namespace coffer::cli {
namespace {

class RunVerbs : public CliFixture {
  protected:
    void willRun(const std::vector<Coffer::RunInfo>& states) {
        server_.runs[1].assign(states.begin(), states.end());
    }
    static Coffer::RunInfo running() {
        Coffer::RunInfo run = fake::Server::run(1, "backup", "running");
        run.ended = rpc::unknownMoment();
        run.counts = rpc::toSettings({{"files", "3"}, {"bytes", "100"}});
        return run;
    }
};

TEST_F(RunVerbs, backupPassesOnWhatItWasTold) {
    EXPECT_EQ(run({"backup", "laptop:/home", "laptop:/etc//x", "--exclude", "*.o", "--exclude",
                   "!keep.o", "--repo", "archive", "--one-file-system", "--exclude-caches",
                   "--compression", "3", "--workers", "2", "--tag", "a", "--tag", "b"}),
              exitSuccess)
        << err_;
    EXPECT_EQ(server_.calls,
              Calls{"backup laptop [/home,/etc/x] [*.o,!keep.o] archive "
                    "[compression=3,exclude-caches=yes,one-file-system=yes,tags=a,b,workers=2]"});
    EXPECT_EQ(out_, "run 1 was started\n");
    EXPECT_NE(err_.find("coffer cancel 1"), std::string::npos) << err_;
    EXPECT_EQ(json({"backup", "laptop:/home"})["run"], 1);
    EXPECT_EQ(server_.calls.back(), "backup laptop [/home] [] main []");
}

TEST_F(RunVerbs, repairAndReplicate) {
    EXPECT_EQ(run({"repair"}), exitSuccess);
    EXPECT_EQ(run({"repair", "archive", "--preview"}), exitSuccess);
    EXPECT_EQ(run({"replicate", "--to", "/mnt/copy"}), exitSuccess);
    EXPECT_EQ(run({"replicate", "archive", "--to", "/c", "--verify", "--limit", "2M"}),
              exitSuccess);
    EXPECT_EQ(server_.calls,
              (Calls{"repair main []", "repair archive [preview=yes]", "replica main /mnt/copy []",
                     "replica archive /c [limit=2M,verify=yes]"}));
    EXPECT_EQ(run({"replicate"}), exitUsage);
    Coffer::RunInfo lost = fake::Server::run(1, "repair", "warnings");
    lost.counts = rpc::toSettings({{"damaged-packs", "1"}, {"lost-chunks", "7"}});
    willRun({lost});
    EXPECT_EQ(run({"repair", "--wait"}), exitDamage);
    EXPECT_NE(out_.find("chunks LOST"), std::string::npos) << out_;
    willRun({fake::Server::run(1, "replicate", "warnings")});
    EXPECT_EQ(run({"replicate", "--to", "/c", "--wait"}), exitWarnings);
}

TEST_F(RunVerbs, aBackupIsOfOneAgent) {
    EXPECT_EQ(run({"backup", "laptop:/a", "desk:/b"}), exitFailed);
    EXPECT_EQ(run({"backup", "laptop:/a", "--compression", "20"}), exitUsage);
    EXPECT_EQ(run({"backup", "/a"}), exitUsage);
    EXPECT_EQ(server_.calls, Calls{});
}

TEST_F(RunVerbs, waitsForTheEndAndTellsIt) {
    Coffer::RunInfo ended = fake::Server::run(1, "backup", "warnings");
    ended.snapshot = "1f3a";
    ended.problems = 2;
    server_.problems.length(1);
    server_.problems[0].where = rpc::toPath("/home/x\n");
    server_.problems[0].code = "permission-denied";
    server_.problems[0].message = "open: Permission denied";
    willRun({fake::Server::run(1, "backup", "queued"), running(), ended});
    EXPECT_EQ(run({"backup", "laptop:/home", "--wait"}), exitWarnings);
    EXPECT_NE(out_.find("1f3a"), std::string::npos) << out_;
    EXPECT_NE(err_.find("warning: /home/x\\x0a: open: Permission denied"), std::string::npos)
        << err_;
    EXPECT_NE(err_.find("1 further problem"), std::string::npos) << err_;
}

TEST_F(RunVerbs, waitsForTheCommitOrForTheProof) {
    Coffer::RunInfo committed = fake::Server::run(1, "backup", "verifying");
    committed.snapshot = "1f3a";
    committed.counts = rpc::toSettings({{"files", "3"}, {"committed", "1000000000"}});
    Coffer::RunInfo damaged = fake::Server::run(1, "backup", "failed");
    damaged.message = "DAMAGED";
    willRun({running(), committed});
    EXPECT_EQ(run({"--json", "backup", "laptop:/home", "--wait"}), exitSuccess);
    EXPECT_EQ(Json::parse(out_)["state"], "verifying");
    EXPECT_EQ(Json::parse(out_)["committed"], "2001-09-09T01:46:40Z");
    EXPECT_EQ(Json::parse(out_)["counts"], (Json{{"files", 3}}));
    willRun({running(), committed, damaged});
    EXPECT_EQ(run({"backup", "laptop:/home", "--wait-proven"}), exitFailed);
    EXPECT_NE(out_.find("DAMAGED"), std::string::npos) << out_;
    committed.problems = 1;
    willRun({committed});
    EXPECT_EQ(run({"backup", "laptop:/home", "--wait"}), exitWarnings);
    EXPECT_NE(out_.find("2001-09-09"), std::string::npos) << out_;
}

TEST_F(RunVerbs, aFailedRunIsAFailure) {
    Coffer::RunInfo failed = fake::Server::run(1, "backup", "failed");
    failed.message = "the disk is full";
    willRun({failed});
    EXPECT_EQ(run({"-q", "backup", "laptop:/home", "--wait"}), exitFailed);
    EXPECT_EQ(out_, "");
    EXPECT_NE(err_.find("the disk is full"), std::string::npos) << err_;
    EXPECT_EQ(run({"--json", "backup", "laptop:/home", "--wait"}), exitFailed);
    EXPECT_EQ(Json::parse(out_)["message"], "the disk is full");
}

TEST_F(RunVerbs, ctrlCEndsTheWaitingAlone) {
    willRun({running()});
    cancel_.request();
    EXPECT_EQ(run({"backup", "laptop:/home", "--wait"}), exitCancelled);
    EXPECT_NE(err_.find("run 1 goes on"), std::string::npos) << err_;
    EXPECT_EQ(server_.calls.size(), 1U);
}

TEST_F(RunVerbs, restoreKnowsItsPaths) {
    EXPECT_EQ(run({"restore", "latest", "--to", "laptop:/back"}), exitSuccess) << err_;
    EXPECT_EQ(server_.calls.back(), "restore main latest [] laptop /back []");
    EXPECT_EQ(run({"restore", "1f3a:/home", "/etc/", "--to", "laptop:/back", "--overwrite", "older",
                   "--repo", "r"}),
              exitSuccess)
        << err_;
    EXPECT_EQ(server_.calls.back(), "restore r 1f3a [/home,/etc] laptop /back [overwrite=older]");
    EXPECT_EQ(
        run({"restore", "latest", "--to", "laptop:/back", "--agent", "desk", "--tag", "full"}),
        exitSuccess);
    EXPECT_EQ(server_.calls.back(),
              "restore main latest [] laptop /back [only-agent=desk,only-tag=full]");
    EXPECT_EQ(run({"restore", "latest"}), exitUsage);
    EXPECT_EQ(run({"restore", "latest", "--to", "/here"}), exitUsage);
    EXPECT_EQ(run({"restore", "latest", "home", "--to", "laptop:/b"}), exitUsage);
    EXPECT_EQ(run({"restore", "latest", "--to", "laptop:/b", "--overwrite", "newer"}), exitUsage);
}

TEST_F(RunVerbs, verifyTellsDamage) {
    Coffer::RunInfo damaged = fake::Server::run(1, "verify", "failed");
    damaged.counts = rpc::toSettings({{"packs", "10"}, {"damaged-packs", "1"}});
    willRun({damaged});
    EXPECT_EQ(run({"verify", "--wait", "--workers", "2"}), exitDamage);
    EXPECT_EQ(server_.calls, Calls{"verify main [workers=2]"});
    EXPECT_NE(out_.find("damaged packs"), std::string::npos) << out_;
}

TEST_F(RunVerbs, runsAreListedInPages) {
    for (long long i = 1; i <= 450; ++i) server_.runs[i] = {fake::Server::run(i, "backup")};
    EXPECT_EQ(json({"runs", "-n", "0"}).size(), 450U);
    const Json newest = json({"runs"});
    EXPECT_EQ(newest.size(), 20U);
    EXPECT_EQ(newest[0]["number"], 450);
    EXPECT_EQ(newest[19]["number"], 431);
    EXPECT_EQ(json({"runs", "-n", "201"}).size(), 201U);
    EXPECT_EQ(run({"runs", "-n", "2"}), exitSuccess);
    EXPECT_EQ(std::ranges::count(out_, '\n'), 3) << out_;
}

TEST_F(RunVerbs, runsAreChosenByTaskAgentAndState) {
    for (long long i = 1; i <= 450; ++i) {
        Coffer::RunInfo info = fake::Server::run(i, "backup", i % 3 == 0 ? "failed" : "succeeded");
        info.task = i % 2 == 0 ? "office" : "";
        server_.runs[i] = {info};
    }
    const Json failed = json({"runs", "--task", "office", "--state", "failed", "-n", "40"});
    ASSERT_EQ(failed.size(), 40U);
    EXPECT_EQ(failed[0]["number"], 450);
    EXPECT_EQ(failed[39]["number"], 450 - 39 * 6);
    EXPECT_EQ(json({"runs", "--state", "failed", "-n", "0"}).size(), 150U);
    EXPECT_EQ(run({"runs", "--state", "broken"}), exitUsage);
    EXPECT_EQ(run({"runs", "--agent", "nobody"}), exitSuccess);
    EXPECT_EQ(out_, "No such runs.\n");
}

TEST_F(RunVerbs, theListSaysWhatEachRunIsAbout) {
    Coffer::RunInfo folders = fake::Server::run(2, "synchronise");
    folders.agent = "";
    folders.what = rpc::toPaths({"laptop:/home"});
    folders.target = rpc::toPath("nas:/copies");
    folders.task = "mirror";
    Coffer::RunInfo whole = fake::Server::run(1, "verify");
    whole.agent = "";
    whole.what.length(0);
    whole.repository = "main";
    server_.runs = {{1, {whole}}, {2, {folders}}};
    EXPECT_EQ(run({"runs"}), exitSuccess);
    EXPECT_NE(out_.find("  mirror  laptop:/home -> nas:/copies\n"), std::string::npos) << out_;
    EXPECT_NE(out_.find("  main\n"), std::string::npos) << out_;
}

TEST_F(RunVerbs, runShowHasTheProblems) {
    server_.runs[7] = {fake::Server::run(7, "backup")};
    server_.problems.length(1);
    server_.problems[0].where = rpc::toPath("/a");
    server_.problems[0].code = "io-error";
    server_.problems[0].message = "I/O error";
    EXPECT_EQ(run({"run", "show", "7"}), exitSuccess);
    EXPECT_NE(out_.find("  /a: I/O error\n"), std::string::npos) << out_;
    EXPECT_EQ(json({"run", "show", "7"})["problemList"][0]["code"], "io-error");
    EXPECT_EQ(run({"run", "show", "8"}), exitFailed);
    EXPECT_EQ(run({"run", "show", "0"}), exitUsage);
    EXPECT_NE(err_.find("'0' is no number of a run"), std::string::npos) << err_;
    EXPECT_EQ(run({"run", "show", "x"}), exitUsage);
}

TEST_F(RunVerbs, cancelAndResume) {
    EXPECT_EQ(run({"cancel", "3"}), exitSuccess);
    EXPECT_EQ(run({"resume", "4"}), exitSuccess);
    EXPECT_EQ(server_.calls, (Calls{"cancel 3", "resume 4"}));
    willRun({running(), fake::Server::run(1, "backup", "cancelled")});
    EXPECT_EQ(run({"cancel", "1", "--wait"}), exitSuccess) << "a cancelled run is what was wanted";
    willRun({running(), fake::Server::run(1, "backup", "failed")});
    EXPECT_EQ(run({"resume", "1", "--wait"}), exitFailed);
}

TEST_F(RunVerbs, theQueueSaysWhatEachWaitsFor) {
    EXPECT_EQ(run({"runs", "--queue"}), exitSuccess);
    EXPECT_EQ(out_, "Nothing waits.\n");
    server_.queue.length(1);
    server_.queue[0].run = 7;
    server_.queue[0].kind = "backup";
    server_.queue[0].agent = "laptop";
    server_.queue[0].repository = "main";
    server_.queue[0].state = "waiting";
    server_.queue[0].waitsFor = "waiting for a slot of repository main";
    server_.queue[0].priority = -5;
    EXPECT_EQ(run({"runs", "--queue", "-n", "0"}), exitSuccess);
    EXPECT_NE(out_.find("waiting for a slot of repository main"), std::string::npos) << out_;
    EXPECT_NE(out_.find("laptop to main"), std::string::npos) << out_;
    const Json entry = json({"runs", "--queue"})[0];
    EXPECT_EQ(entry["number"], 7);
    EXPECT_EQ(entry["priority"], -5);
    EXPECT_EQ(entry["waitsFor"], "waiting for a slot of repository main");
    EXPECT_EQ(server_.calls, (Calls{"queue 20", "queue 1000", "queue 20"}));
    for (const char* filter : {"--task", "--agent", "--state"}) {
        EXPECT_EQ(run({"runs", "--queue", filter, "waiting"}), exitUsage) << filter;
    }
}

TEST_F(RunVerbs, aWaitingRunIsShownByWhatItWaitsFor) {
    Coffer::RunInfo waiting = fake::Server::run(1, "backup", "waiting");
    waiting.message = "waiting for a slot of agent laptop";
    willRun({waiting});
    EXPECT_EQ(run({"runs"}), exitSuccess);
    EXPECT_NE(out_.find("waiting for a slot of agent laptop"), std::string::npos) << out_;
    EXPECT_EQ(run({"run", "show", "1"}), exitSuccess);
    EXPECT_NE(out_.find("waiting for a slot of agent laptop"), std::string::npos) << out_;
    willRun({waiting, fake::Server::run(1, "backup", "succeeded")});
    EXPECT_EQ(run({"backup", "laptop:/home", "--wait"}), exitSuccess) << "it is no end";
}

TEST_F(RunVerbs, pauseAndPriority) {
    EXPECT_EQ(run({"pause", "3"}), exitSuccess);
    EXPECT_EQ(run({"pause", "3", "--reason", "too loud"}), exitSuccess);
    EXPECT_EQ(run({"run", "priority", "3", "-50"}), exitSuccess);
    EXPECT_EQ(run({"run", "priority", "3", "101"}), exitUsage);
    EXPECT_EQ(run({"pause"}), exitUsage);
    EXPECT_EQ(server_.calls, (Calls{"pause 3 []", "pause 3 [too loud]", "priority 3 -50"}));
}

TEST_F(RunVerbs, allThatStartARunTakeAPriority) {
    EXPECT_EQ(run({"backup", "laptop:/home", "--priority", "-7"}), exitSuccess);
    EXPECT_EQ(run({"restore", "latest", "--to", "laptop:/back", "--priority", "7"}), exitSuccess);
    EXPECT_EQ(run({"verify", "--priority", "7"}), exitSuccess);
    EXPECT_EQ(run({"rehearse", "--priority", "7"}), exitSuccess);
    EXPECT_EQ(run({"prune", "--priority", "7"}), exitSuccess);
    EXPECT_EQ(run({"repair", "--priority", "7"}), exitSuccess);
    EXPECT_EQ(run({"replicate", "--to", "/c", "--priority", "7"}), exitSuccess);
    EXPECT_EQ(server_.calls,
              (Calls{"backup laptop [/home] [] main [priority=-7]",
                     "restore main latest [] laptop /back [priority=7]", "verify main [priority=7]",
                     "rehearsal main latest [] [priority=7]", "prune main [priority=7]",
                     "repair main [priority=7]", "replica main /c [priority=7]"}));
}

}  // namespace
}  // namespace coffer::cli
