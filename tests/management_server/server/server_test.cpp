#include "management_server/server/server.h"

#include "core/repository/write_session.h"
#include "idl/repository.hh"
#include "management_server/repositories/server_repositories.h"
#include "tests/management_server/server/whole_server.h"
#include "tests/support/test_repository.h"

namespace coffer {
namespace {

TEST_F(WholeServer, saysWhatItIs) {
    const Coffer::Settings_var said = gate->hello();
    EXPECT_EQ(rpc::toMap(said.in()).at("version"), "1.2.3");
}

TEST_F(WholeServer, letsAUserInAfterTheFirstPasswordIsChanged) {
    session = gate->login("admin", password.c_str(), Coffer::protocolLevel);
    expectFailed(
        ErrorCode::conflict, [&] { session->agents(); }, "password");
    login();
    EXPECT_FALSE(CORBA::is_nil(Coffer::AgentManager_var(session->agents())));
    expectFailed(ErrorCode::permissionDenied,
                 [&] { gate->login("admin", "wrong", Coffer::protocolLevel); });
}

TEST_F(WholeServer, hasManagersThatAnswer) {
    login();
    const Coffer::AgentManager_var agents = session->agents();
    EXPECT_EQ(Coffer::AgentInfos_var(agents->list())->length(), 0U);
    EXPECT_EQ(std::string(CORBA::String_var(agents->makeToken("laptop", 600))).substr(0, 5),
              "cft1-");
    expectFailed(ErrorCode::notFound, [&] { agents->root("laptop"); });

    const Coffer::RepositoryManager_var repositories = session->repositories();
    repositories->create("main", rpc::toPath(folder / "repository"));
    const CORBA::String_var kit = repositories->exportKit("main");
    repositories->confirmKit("main", kit);

    const Coffer::SnapshotManager_var snapshots = session->snapshots();
    EXPECT_EQ(Coffer::SnapshotInfos_var(snapshots->list("main"))->length(), 0U);
    expectFailed(ErrorCode::notFound, [&] { snapshots->get("main", "latest"); });
    const Coffer::FindingIterator_var found = snapshots->search("main", {}, "*");
    Coffer::Findings_var page;
    EXPECT_FALSE(found->next(10, page.out()));

    const Coffer::RunManager_var runs = session->runs();
    EXPECT_EQ(Coffer::RunInfos_var(runs->list(0, 10))->length(), 0U);

    const Coffer::EventLog_var events = session->events();
    Coffer::Events_var told = events->since(0, 10, 0);
    ASSERT_GE(told->length(), 3U);
    EXPECT_STREQ(told[0U].kind, "repository-created");
}

TEST_F(WholeServer, endsIteratorsWithTheirSession) {
    login();
    Coffer::RepositoryManager_var(session->repositories())
        ->create("main", rpc::toPath(folder / "repository"));
    const Coffer::FindingIterator_var found =
        Coffer::SnapshotManager_var(session->snapshots())->search("main", {}, "*");
    session->logout();
    Coffer::Findings_var page;
    expectFailed(ErrorCode::gone, [&] { found->next(10, page.out()); });
    expectFailed(ErrorCode::loginAgain, [&] { session->agents(); });
}

TEST_F(WholeServer, endsIdleSessionsByItself) {
    login();
    clock.advance(2 * 3600 + 1);
    server->tick();
    expectFailed(ErrorCode::loginAgain, [&] { session->whoAmI(); });
}

TEST_F(WholeServer, renewsItsCertificate) {
    const std::string before = readTextFile(state.certificateFile());
    clock.advance(80 * 24 * 3600);
    for (int i = 0; i < 20; ++i) server->tick();
    EXPECT_NE(readTextFile(state.certificateFile()), before);
}

/// A server with a snapshot in its trash.
class Trash : public WholeServer {
  protected:
    Trash() {
        end();
        ServerDatabase database(state.databaseFile());
        ServerRepositories repositories(database, *disk, state.path(), clock);
        repositories.create("main", folder / "repository");
        const auto main = repositories.open("main");
        main->confirmKit(main->kit());
        const AgentIdentity agent = AgentIdentity::random();
        main->enrol(agent.id, agent.sign.verifyKey());
        const AgentKeys keys = main->agentKeys(agent);
        WriteSession backup(*main, agent.id, std::nullopt);
        const std::vector<TestChunk> root = {treeChunk("root", {})};
        const auto snapshot = sealedSnapshot(keys, writePack(backup, keys, root).chunks[0]);
        backup.commit(snapshot);
        main->trash(std::span(&snapshot.registration.id, 1), {clock.now().seconds + 7 * day, 0});
    }

    /// So many minutes of housekeeping, each with this much of the clock.
    void pass(int minutes, std::int64_t secondsEach) {
        for (int i = 0; i < minutes; ++i) {
            clock.advance(secondsEach);
            for (int round = 0; round < 12; ++round) server->tick();
        }
    }

    bool isEmpty() {
        login();
        const Coffer::EventLog_var log = session->events();
        const Coffer::Events_var events = log->since(0, 1'000, 0);
        for (CORBA::ULong i = 0; i < events->length(); ++i) {
            if (std::string_view(events.in()[i].kind) == "snapshot-gone") return true;
        }
        return false;
    }

    static constexpr std::int64_t day = 86'400;
};

TEST_F(Trash, isNotEmptiedByAClockThatJumps) {
    begin();
    pass(10, 60);
    EXPECT_FALSE(isEmpty());
    clock.advance(8 * day);
    pass(50, 60);
    EXPECT_FALSE(isEmpty());
    pass(20, 60);
    EXPECT_TRUE(isEmpty());
}

TEST_F(Trash, isNotEmptiedBeforeAServerHasBeenUpForAnHour) {
    clock.advance(8 * day);
    begin();
    pass(50, 60);
    EXPECT_FALSE(isEmpty());
    pass(20, 60);
    EXPECT_TRUE(isEmpty());
}

TEST_F(WholeServer, keepsWhatItKnowsOverARestart) {
    login();
    Coffer::RepositoryManager_var(session->repositories())
        ->create("main", rpc::toPath(folder / "repository"));
    end();
    begin();
    login();
    const Coffer::RepositoryInfos_var list =
        Coffer::RepositoryManager_var(session->repositories())->list();
    EXPECT_EQ(list->length(), 1U);
}

TEST_F(WholeServer, asksForATokenAtItsStore) {
    const CORBA::Object_var object = orb->reachLocal("CofferStore");
    const Coffer::Store_var store = Coffer::Store::_narrow(object);
    Coffer::RestoreTerms_var terms;
    expectFailed(ErrorCode::permissionDenied,
                 [&] { store->beginRestore(rpc::toOctets(ByteView(Bytes(64))), terms.out()); });
}

TEST_F(WholeServer, stopsWhileSomebodyWaitsForAnEvent) {
    login();
    const Coffer::EventLog_var events = session->events();
    Coffer::Events_var told = events->since(0, 1'000, 0);
    const std::uint64_t last = told->length() > 0 ? told[told->length() - 1].number : 0;
    ThreadScope waiting;
    Guarded<bool> asked;
    waiting.start([&] {
        asked.change([](bool& yes) { yes = true; });
        try {
            Coffer::Events_var none = events->since(last, 10, 20'000);
        } catch (const CORBA::Exception&) {
            // Stopped before it began to wait.
        }
    });
    asked.when([](bool yes) { return yes; }, [](bool&) {});
    server->stop();
    waiting.join();
}

}  // namespace
}  // namespace coffer
