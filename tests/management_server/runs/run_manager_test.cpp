#include "management_server/runs/run_manager.h"

#include <gtest/gtest.h>

#include "tests/management_server/runs/runs_fixture.h"

namespace coffer {
namespace {

struct RunManagerTest : RunsFixture {
    std::vector<Grant> grants = allRoles();
    SessionTable sessions{
        clock,
        {[this] { return called; }, [] { return std::optional<std::string>("ann"); },
         [this](const std::string&) { return grants; }}};
    Bytes called = toBytes(sessions.begin("ann").id.view());
    PortableServer::Servant_var<RunManager> manager = new RunManager(
        sessions, *runs, [](const std::string&, const std::string&) { return "laptop"; });

    long long startBackup(const std::string& agent, const std::vector<std::string>& what,
                          const std::string& repository, const rpc::SettingMap& options = {}) {
        return manager->startBackup(agent.c_str(), rpc::toPaths(what), rpc::toStrings({}),
                                    repository.c_str(), rpc::toSettings(options));
    }
    long long startRestore(const std::string& repository, const std::string& snapshot,
                           const std::vector<std::string>& what, const std::string& agent,
                           const std::string& target, const rpc::SettingMap& options = {}) {
        return manager->startRestore(repository.c_str(), snapshot.c_str(), rpc::toPaths(what),
                                     agent.c_str(), rpc::toPath(target), rpc::toSettings(options));
    }
    template <class Work>
    void expectFailed(const std::string& code, Work&& work, const std::string& says = "") {
        try {
            work();
            ADD_FAILURE() << "no " << code;
        } catch (const Coffer::Failed& failed) {
            EXPECT_EQ(failed.code.in(), code) << failed.message.in();
            EXPECT_NE(std::string(failed.message.in()).find(says), std::string::npos)
                << failed.message.in();
        }
    }
};

TEST_F(RunManagerTest, StartsABackup) {
    const long long run = startBackup("laptop", {"/home", "/home/ann"}, "main", {{"workers", "2"}});
    const Coffer::RunInfo_var info = manager->get(run);
    EXPECT_EQ(info->number, run);
    EXPECT_STREQ(info->kind.in(), "backup");
    EXPECT_STREQ(info->agent.in(), "laptop");
    EXPECT_STREQ(info->repository.in(), "main");
    EXPECT_STREQ(info->state.in(), "parked");
    EXPECT_STREQ(info->user.in(), "ann");
    EXPECT_EQ(info->ordered.seconds, clock.now().seconds);
    EXPECT_EQ(info->started.seconds, Coffer::unknownSeconds);
    EXPECT_EQ(info->ended.seconds, Coffer::unknownSeconds);
    EXPECT_EQ(rpc::toAbsolutePaths(info->what), Texts{"/home"});
}

TEST_F(RunManagerTest, LetsAUserRunWhatHeMay) {
    const long long whole = manager->startVerify("main", rpc::toSettings({}));
    grants = {{UserRole::operating, "", {"laptop"}}};
    const long long own = startBackup("laptop", {"/home"}, "main");
    expectFailed(
        "permission-denied", [&] { startBackup("phone", {"/home"}, "main"); }, "agent phone");
    expectFailed("permission-denied", [&] { manager->startVerify("main", rpc::toSettings({})); });
    expectFailed("permission-denied", [&] { manager->startPrune("main", rpc::toSettings({})); });
    // What is not his is not shown, nor stopped.
    const Coffer::RunInfos_var list = manager->list(0, 1);
    ASSERT_EQ(list->length(), 1U);
    EXPECT_EQ(list.in()[0].number, own);
    expectFailed("permission-denied", [&] { Coffer::RunInfo_var run = manager->get(whole); });
    expectFailed("permission-denied", [&] { manager->cancel(whole); });
    manager->cancel(own);
    grants = {{UserRole::viewer}};
    expectFailed("permission-denied", [&] { manager->cancel(own); });
}

TEST_F(RunManagerTest, HooksByHandNeedWhatATaskNeeds) {
    AuditLog audit(*database, clock, [] { return std::string(); });
    sessions.auditTo(audit);
    const rpc::SettingMap hooks{{"hook-before", "/etc/coffer/hooks/dump all"}};
    const auto backUp = [&] { startBackup("laptop", {"/home"}, "main", hooks); };
    const auto restore = [&] { startRestore("main", "latest", {}, "laptop", "/x", hooks); };
    grants = {{UserRole::operating}, {UserRole::administrator, "", {"desktop"}}};
    expectFailed("permission-denied", backUp, "agent laptop");
    expectFailed("permission-denied", restore, "agent laptop");
    EXPECT_TRUE(audit.after(0, 10).empty());
    grants = {{UserRole::administrator, "", {"laptop"}}};
    backUp();
    restore();
    const std::vector<AuditRecord> records = audit.after(0, 10);
    ASSERT_EQ(records.size(), 2U);
    for (const AuditRecord& record : records) {
        EXPECT_EQ(record.change.action, "run-ordered");
        EXPECT_EQ(record.change.after, (AuditFacts(hooks.begin(), hooks.end())));
    }
}

TEST_F(RunManagerTest, RefusesBackupsThatCannotBegin) {
    expectFailed(
        "not-found", [&] { startBackup("phone", {"/home"}, "main"); }, "phone");
    expectFailed(
        "not-found", [&] { startBackup("laptop", {"/home"}, "other"); }, "other");
    expectFailed(
        "conflict", [&] { startBackup("laptop", {"/home"}, "new"); }, "recovery kit");
    expectFailed("invalid-argument", [&] { startBackup("laptop", {"home"}, "main"); });
    expectFailed("invalid-argument", [&] { startBackup("laptop", {"/a/../b"}, "main"); });
    expectFailed("invalid-argument", [&] { startBackup("laptop", {}, "main"); });
    expectFailed("invalid-argument", [&] {
        startBackup("laptop", {"/home"}, "main", {{"compression", "lots"}});
    });
    agents.revoke("laptop");
    expectFailed(
        "conflict", [&] { startBackup("laptop", {"/home"}, "main"); }, "revoked");
    const Coffer::RunInfos_var none = manager->list(0, 10);
    EXPECT_EQ(none->length(), 0U);
}

TEST_F(RunManagerTest, StartsARestoreOfAWholeId) {
    for (const std::string& name : {std::string("latest"), repositories.snapshot.substr(0, 8)}) {
        const long long run = startRestore("main", name, {"/home/a.txt"}, "desktop", "/tmp/x");
        const Coffer::RunInfo_var info = manager->get(run);
        EXPECT_STREQ(info->kind.in(), "restore");
        EXPECT_EQ(info->snapshot.in(), repositories.snapshot);
        EXPECT_EQ(rpc::textOf(info->target), "/tmp/x");
        EXPECT_EQ(rpc::toAbsolutePaths(info->what), Texts{"/home/a.txt"});
    }
    startRestore("main", "latest", {}, "desktop", "/");
    startRestore("main", "latest", {"/"}, "desktop", "/");
}

TEST_F(RunManagerTest, RefusesRestoresThatCannotBegin) {
    expectFailed("not-found", [&] { startRestore("main", "ffff", {}, "laptop", "/x"); });
    expectFailed("not-found", [&] { startRestore("new", "latest", {}, "laptop", "/x"); });
    expectFailed("not-found", [&] { startRestore("other", "latest", {}, "laptop", "/x"); });
    expectFailed("not-found", [&] { startRestore("main", "latest", {}, "phone", "/x"); });
    expectFailed(
        "not-found", [&] { startRestore("main", "latest", {"/home/b.txt"}, "laptop", "/x"); },
        "/home/b.txt");
    expectFailed("invalid-argument",
                 [&] { startRestore("main", "latest", {"/../etc"}, "laptop", "/x"); });
    expectFailed("invalid-argument", [&] { startRestore("main", "latest", {}, "laptop", "x"); });
    expectFailed("invalid-argument", [&] {
        startRestore("main", "latest", {}, "laptop", "/" + std::string(1 << 20, 'x'));
    });
}

TEST_F(RunManagerTest, TellsNothingOfSnapshotsOfOtherAgents) {
    grants = {{UserRole::operating, "", {"desktop"}}};
    for (const char* path : {"/home/a.txt", "/home/b.txt"}) {
        expectFailed("permission-denied",
                     [&] { startRestore("main", "latest", {path}, "desktop", "/x"); });
        expectFailed("permission-denied",
                     [&] { manager->startRehearsal("main", "latest", rpc::toPaths({path}), {}); });
    }
}

TEST_F(RunManagerTest, StartsAVerification) {
    const long long run = manager->startVerify("main", {});
    runs->work();
    const Coffer::RunInfo_var info = manager->get(run);
    EXPECT_STREQ(info->kind.in(), "verify");
    EXPECT_STREQ(info->agent.in(), "");
    EXPECT_STREQ(info->state.in(), "succeeded");
    expectFailed("not-found", [&] { manager->startVerify("other", {}); });
}

TEST_F(RunManagerTest, StartsAPrune) {
    const Coffer::Settings options = rpc::toSettings({{"repack-at", "10"}, {"preview", "yes"}});
    const Coffer::RunInfo_var info = manager->get(manager->startPrune("main", options));
    EXPECT_STREQ(info->kind.in(), "prune");
    EXPECT_STREQ(info->agent.in(), "");
    EXPECT_STREQ(info->state.in(), "queued");
    expectFailed("not-found", [&] { manager->startPrune("nowhere", {}); });
    const Coffer::Settings none = rpc::toSettings({{"repack-at", "0"}});
    expectFailed("invalid-argument", [&] { manager->startPrune("main", none); });
}

TEST_F(RunManagerTest, StartsARepair) {
    const Coffer::Settings options = rpc::toSettings({{"preview", "yes"}});
    const Coffer::RunInfo_var info = manager->get(manager->startRepair("main", options));
    EXPECT_STREQ(info->kind.in(), "repair");
    EXPECT_STREQ(info->agent.in(), "");
    expectFailed("not-found", [&] { manager->startRepair("nowhere", {}); });
}

TEST_F(RunManagerTest, StartsAReplication) {
    const Coffer::Settings options = rpc::toSettings({{"limit", "2M"}});
    const Coffer::RunInfo_var info =
        manager->get(manager->startReplica("main", rpc::toPath("/mnt/copy"), options));
    EXPECT_STREQ(info->kind.in(), "replicate");
    EXPECT_EQ(rpc::textOf(info->target), "/mnt/copy");
    expectFailed("not-found", [&] { manager->startReplica("nowhere", rpc::toPath("/c"), {}); });
    expectFailed("invalid-argument", [&] { manager->startReplica("main", rpc::toPath("c"), {}); });
}

TEST_F(RunManagerTest, ACopyNeedsAnotherRepositoryWhoseKitIsKept) {
    expectFailed("conflict", [&] { manager->startCopy("main", "new", {}, {}); });
    expectFailed("not-found", [&] { manager->startCopy("main", "nowhere", {}, {}); });
    expectFailed("not-found", [&] { manager->startCopy("nowhere", "main", {}, {}); });
    expectFailed("invalid-argument", [&] { manager->startCopy("main", "main", {}, {}); });
    const Coffer::Settings oldest = rpc::toSettings({{"choose", "oldest"}});
    expectFailed("invalid-argument", [&] { manager->startCopy("new", "main", {}, oldest); });
    const Coffer::Strings unknown = rpc::toStrings({"abcdef"});
    expectFailed("not-found", [&] { manager->startCopy("new", "main", unknown, {}); });
    const Coffer::RunInfo_var info = manager->get(manager->startCopy("new", "main", {}, {}));
    EXPECT_STREQ(info->kind.in(), "copy");
    EXPECT_STREQ(info->repository.in(), "new");
    EXPECT_EQ(rpc::textOf(info->target), "main");
}

TEST_F(RunManagerTest, StartsARehearsal) {
    const Coffer::Settings options = rpc::toSettings({{"sample", "10"}});
    const Coffer::RunInfo_var info =
        manager->get(manager->startRehearsal("main", "latest", rpc::toPaths({"/home"}), options));
    EXPECT_STREQ(info->kind.in(), "rehearsal");
    EXPECT_STREQ(info->agent.in(), "");
    EXPECT_EQ(info->snapshot.in(), repositories.snapshot);
    EXPECT_STREQ(info->state.in(), "queued");
    expectFailed("not-found", [&] { manager->startRehearsal("main", "abcdef", {}, {}); });
    expectFailed("not-found", [&] {
        manager->startRehearsal("main", "latest", rpc::toPaths({"/nowhere"}), {});
    });
    const Coffer::Settings none = rpc::toSettings({{"sample", "0"}});
    expectFailed("invalid-argument", [&] { manager->startRehearsal("main", "latest", {}, none); });
}

TEST_F(RunManagerTest, ShowsARehearsalToWhomMayRunItsAgent) {
    agentNames = [] { return [](const AgentId&) { return std::string("laptop"); }; };
    begin();
    manager = new RunManager(sessions, *runs,
                             [](const std::string&, const std::string&) { return "laptop"; });
    grants = {{UserRole::operating, "", {"laptop"}}};
    const long long run = manager->startRehearsal("main", "latest", {}, {});
    EXPECT_STREQ(Coffer::RunInfo_var(manager->get(run))->kind.in(), "rehearsal");
    EXPECT_EQ(Coffer::RunInfos_var(manager->list(0, 10))->length(), 1U);
    manager->cancel(run);
    grants = {{UserRole::operating, "", {"desktop"}}};
    expectFailed("permission-denied", [&] { manager->get(run); });
    expectFailed("permission-denied", [&] { manager->cancel(run); });
    EXPECT_EQ(Coffer::RunInfos_var(manager->list(0, 10))->length(), 0U);
}

TEST_F(RunManagerTest, ListsInPages) {
    for (int i = 0; i < 5; ++i) startBackup("laptop", {"/home"}, "main");
    const auto numbers = [&](long long before, unsigned atMost) {
        std::vector<long long> all;
        Coffer::RunInfos_var infos = manager->list(before, atMost);
        for (CORBA::ULong i = 0; i < infos->length(); ++i) all.push_back(infos[i].number);
        return all;
    };
    EXPECT_EQ(numbers(0, 3), (std::vector<long long>{5, 4, 3}));
    EXPECT_EQ(numbers(3, 1'000), (std::vector<long long>{2, 1}));
    EXPECT_TRUE(numbers(1, 10).empty());
    for (const unsigned atMost : {0U, 1'001U, 0xffffffffU}) {
        expectFailed("invalid-argument", [&] { manager->list(0, atMost); });
    }
    expectFailed("invalid-argument", [&] { manager->list(-1, 10); });
}

TEST_F(RunManagerTest, ListsOfManyPathsTheFirst) {
    std::vector<std::string> what;
    for (int i = 0; i < 1'000; ++i) what.push_back("/home/" + std::to_string(1'000 + i));
    const long long run = startBackup("laptop", what, "main");
    Coffer::RunInfos_var infos = manager->list(0, 1);
    EXPECT_LT(infos[0].what.length(), 300U);
    EXPECT_EQ(rpc::toAbsolutePath(infos[0].what[0]), "/home/1000");
    const Coffer::RunInfo_var info = manager->get(run);
    EXPECT_EQ(info->what.length(), 1'000U);
}

TEST_F(RunManagerTest, TellsProblems) {
    attach("laptop");
    const std::int64_t run = running();
    Coffer::RunResult end = result(run, 1, "warnings");
    end.problems.length(1);
    end.problems[0].where = rpc::toPath("/home/\xff");
    end.problems[0].code = "io-error";
    end.problems[0].message = "bad";
    runs->listener().finished("laptop", end);
    Coffer::RunProblems_var problems = manager->problems(run);
    ASSERT_EQ(problems->length(), 1U);
    EXPECT_EQ(rpc::textOf(problems[0].where), "/home/\xff");
    EXPECT_STREQ(problems[0].code.in(), "io-error");
    EXPECT_STREQ(problems[0].message.in(), "bad");
    EXPECT_EQ(Coffer::RunInfo_var(manager->get(run))->problems, 1U);
}

TEST_F(RunManagerTest, CancelsAndResumes) {
    const long long run = startBackup("laptop", {"/home"}, "main");
    manager->cancel(run);
    expectFailed("conflict", [&] { manager->cancel(run); });
    manager->resume(run);
    expectFailed("conflict", [&] { manager->resume(run); });
    for (const long long number : {0LL, -1LL, 99LL, 0x7fffffffffffffffLL}) {
        expectFailed("not-found", [&] { manager->get(number); });
        expectFailed("not-found", [&] { manager->problems(number); });
        expectFailed("not-found", [&] { manager->cancel(number); });
        expectFailed("not-found", [&] { manager->resume(number); });
    }
}

TEST_F(RunManagerTest, AnswersNobodyWithoutASession) {
    startBackup("laptop", {"/home"}, "main");
    called = Bytes(16);
    const auto refused = [&](auto&& work) { expectFailed("log-in-again", work); };
    refused([&] { startBackup("laptop", {"/home"}, "main"); });
    refused([&] { startRestore("main", "latest", {}, "laptop", "/x"); });
    refused([&] { manager->startVerify("main", {}); });
    refused([&] { manager->startPrune("main", {}); });
    refused([&] { manager->startRehearsal("main", "latest", {}, {}); });
    refused([&] { manager->startRepair("main", {}); });
    refused([&] { manager->startReplica("main", rpc::toPath("/c"), {}); });
    refused([&] { manager->list(0, 1); });
    refused([&] { manager->get(1); });
    refused([&] { manager->problems(1); });
    refused([&] { manager->cancel(1); });
    refused([&] { manager->resume(1); });
    EXPECT_EQ(state(1), "parked");
}

}  // namespace
}  // namespace coffer
