#include "management_server/repositories/repository_manager.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "management_server/access/upcall.h"
#include "tests/support/expect_error.h"
#include "tests/support/memory_folder.h"
#include "tests/support/test_orb.h"

namespace coffer {
namespace {

class Manager : public testing::Test {
  protected:
    Manager() {
        static int number = 0;
        const std::string poa = "repositories-" + std::to_string(++number);
        const PortableServer::Servant_var<RepositoryManager> servant = new RepositoryManager(
            sessions, repositories, events, clock, {}, {&removals, &confirmations});
        const PortableServer::POA_var home = testOrb().poa(poa, servant);
        session = sessions.begin("ann");
        const CORBA::Object_var object =
            referenceIn(testOrb(), poa, session.id.view(), Coffer::RepositoryManager::_PD_repoId);
        manager = Coffer::RepositoryManager::_narrow(object);
    }

    template <class Work>
    void expectFailed(ErrorCode code, Work&& work, const std::string& text = "") {
        expectError(
            code, [&] { rpc::call("test", std::forward<Work>(work)); }, text);
    }

    void create(const std::string& name, const std::string& path) {
        manager->create(name.c_str(), rpc::toPath(path));
    }

    std::string exportKit(const char* name) {
        return CORBA::String_var(manager->exportKit(name)).in();
    }

    std::vector<std::string> eventKinds() {
        std::vector<std::string> kinds;
        for (const RecordedEvent& event : events.since(0, 100)) kinds.push_back(event.kind);
        return kinds;
    }

    MemoryFolder folder;
    MemoryFolder state;
    ManualClock clock;
    std::unique_ptr<Disk> disk = makeSystemDisk();
    ServerDatabase database{state / "server.db"};
    ServerRepositories repositories{database, *disk, state.path(), clock};
    EventRecorder events{database, clock};
    AuditLog audit{database, clock, [] { return std::string(); }};
    RepositoryRemovals removals{{.repositories = repositories,
                                 .events = events,
                                 .audit = audit,
                                 .clock = clock,
                                 .graceSeconds = 100,
                                 .tasks = [](const auto&) { return std::vector<std::string>(); },
                                 .requireNoRun = [](auto&, const auto&) {},
                                 .endRequests =
                                     [this](SqlDatabase& db, const std::string& name) {
                                         Confirmations::repositoryChanged(db, name, clock.now());
                                     },
                                 .forget = [](auto&, const auto&) {},
                                 .gone = [](const auto&) {}}};
    Permissions permissions{database};
    Confirmations confirmations{database, clock, permissions, {SecondPerson::always, 3'600}};
    SessionTable sessions{clock, sessionCalls(everyRole)};
    UserSession session;
    Coffer::RepositoryManager_var manager;
};

TEST_F(Manager, makesRepositories) {
    create("main", folder / "r");
    const Coffer::RepositoryInfo_var info = manager->get("main");
    EXPECT_STREQ(info->name, "main");
    EXPECT_EQ(info->folder.in(), folder / "r");
    EXPECT_EQ(std::string(info->id).size(), 32U);
    EXPECT_FALSE(info->kitConfirmed);
    const auto facts = rpc::toMap(info->facts);
    EXPECT_EQ(facts.at("snapshots"), "0");
    EXPECT_EQ(facts.at("packs"), "0");
    EXPECT_EQ(facts.at("unverified-packs"), "0");
    EXPECT_GT(std::stoull(facts.at("store-read-bytes")), 0U);
    // Since it was opened: what it found in the manifest, once more.
    EXPECT_LT(std::stoull(facts.at("store-written-bytes")), 1'000U);
    EXPECT_EQ(eventKinds(), std::vector<std::string>{"repository-created"});
}

TEST_F(Manager, refusesWhatMakesNoSense) {
    expectFailed(ErrorCode::invalidArgument, [&] { create("../x", folder / "r"); });
    for (const std::string& path :
         {std::string(), std::string("r"), folder / "a/../b", folder / std::string("a\0b", 3)}) {
        expectFailed(ErrorCode::invalidArgument, [&] { create("main", path); });
    }
    expectFailed(ErrorCode::notFound, [&] { manager->get("main"); });
    expectFailed(ErrorCode::notFound, [&] { manager->exportKit("main"); });
    expectFailed(ErrorCode::notFound, [&] { manager->confirmKit("main", "kit"); });
    EXPECT_TRUE(eventKinds().empty());
}

TEST_F(Manager, givesTheKitUntilItIsConfirmed) {
    create("main", folder / "r");
    create("other", folder / "o");
    const std::string kit = exportKit("main");
    EXPECT_NE(kit.find(folder / "r"), std::string::npos);
    EXPECT_EQ(exportKit("main"), kit);
    expectFailed(ErrorCode::wrongKey,
                 [&] { manager->confirmKit("main", exportKit("other").c_str()); });
    expectFailed(ErrorCode::invalidArgument, [&] { manager->confirmKit("main", "no kit"); });
    expectFailed(ErrorCode::limitExceeded,
                 [&] { manager->confirmKit("main", std::string(1 << 20, 'x').c_str()); });
    manager->confirmKit("main", kit.c_str());
    EXPECT_TRUE(Coffer::RepositoryInfo_var(manager->get("main"))->kitConfirmed);
    expectFailed(ErrorCode::conflict, [&] { manager->exportKit("main"); });
    EXPECT_EQ(eventKinds().back(), "kit-confirmed");
}

TEST_F(Manager, listsThoseThatCannotBeOpenedToo) {
    create("a", folder / "a");
    create("b", folder / "b");
    std::filesystem::rename(folder / "a", folder / "gone");
    Coffer::RepositoryInfos_var list = manager->list();
    ASSERT_EQ(list->length(), 2U);
    EXPECT_STREQ(list[0U].name, "a");
    EXPECT_NE(rpc::toMap(list[0U].facts).at("problem").find("no folder"), std::string::npos);
    EXPECT_EQ(rpc::toMap(list[1U].facts).count("problem"), 0U);
    expectFailed(ErrorCode::notFound, [&] { manager->get("a"); });
}

TEST_F(Manager, asksASecondPersonBeforeItRemoves) {
    create("main", folder / "r");
    const auto remove = [&] { manager->remove("main", {}); };
    // What cannot be done is not asked for.
    expectFailed(ErrorCode::conflict, remove, "never confirmed");
    EXPECT_TRUE(confirmations.list().empty());
    manager->confirmKit("main", exportKit("main").c_str());
    expectFailed(ErrorCode::conflict, remove, "second person");
    EXPECT_FALSE(repositories.get("main").removal);
    const std::int64_t number = confirmations.list().at(0).number;
    EXPECT_EQ(confirmations.get(number).subject,
              "repository main (" + repositories.ownFacts("main")->id.hex() + ")");
    expectError(ErrorCode::permissionDenied, [&] { confirmations.confirm("ann", number); });
    confirmations.confirm("bob", number);
    ASSERT_TRUE(repositories.get("main").removal);
    EXPECT_EQ(repositories.get("main").removal->user, "ann");
    expectFailed(ErrorCode::conflict, remove, "is removed until");
    manager->keep("main");
    EXPECT_FALSE(repositories.get("main").removal);
}

TEST_F(Manager, removesTheOneThatWasAskedFor) {
    create("main", folder / "r");
    const rpc::SettingMap withData{{"delete-data", "yes"}, {"despite-tasks", "yes"}};
    const auto ask = [&](const rpc::SettingMap& options) {
        expectFailed(
            ErrorCode::conflict, [&] { manager->remove("main", rpc::toSettings(options)); },
            "second person");
        return confirmations.list().at(0).number;
    };
    manager->confirmKit("main", exportKit("main").c_str());
    const std::int64_t first = ask(withData);
    EXPECT_NE(confirmations.get(first).subject.find(" with all its data, although tasks name it"),
              std::string::npos);
    confirmations.confirm("bob", ask({}));
    EXPECT_EQ(confirmations.get(first).state, "failed");  // it is not as it was
    const std::int64_t second = [&] {
        manager->keep("main");
        return ask(withData);
    }();
    // Another one has its name: one that got there by a way that ended no request.
    const std::string own = state / "repositories/main/state";
    std::filesystem::rename(own, folder / "state");
    create("other", folder / "o");
    repositories.open("other");
    std::filesystem::copy(state / "repositories/other/state", own,
                          std::filesystem::copy_options::recursive);
    expectError(
        ErrorCode::conflict, [&] { confirmations.confirm("bob", second); }, "ask again");
    EXPECT_FALSE(repositories.get("main").removal);
}

TEST_F(Manager, endsWhatWaitsWhenItIsKept) {
    create("main", folder / "r");
    manager->confirmKit("main", exportKit("main").c_str());
    removals.remove("ann", "main", {});
    expectFailed(ErrorCode::conflict, [&] { manager->remove("main", {}); });
    expectError(ErrorCode::conflict, [&] {
        confirmations.require("ann", "forget-snapshot", "", {{"repository", "main"}});
    });
    expectError(ErrorCode::conflict, [&] {
        confirmations.require("ann", "forget-snapshot", "", {{"repository", "other"}});
    });
    manager->keep("main");
    EXPECT_EQ(confirmations.list().at(1).state, "failed");
    EXPECT_EQ(confirmations.list().at(0).state, "waiting");
}

TEST_F(Manager, showsWhatIsRemoved) {
    create("main", folder / "r");
    removals.remove("ann", "main", {.deleteData = true});
    const Coffer::RepositoryInfo_var info = manager->get("main");
    EXPECT_EQ(std::string(info->id).size(), 32U);
    EXPECT_EQ(rpc::toMap(info->facts), (rpc::SettingMap{{"removed-until", "2001-09-09T01:48:20Z"},
                                                        {"removed-by", "ann"},
                                                        {"data", "will be deleted"}}));
    EXPECT_EQ(Coffer::RepositoryInfos_var(manager->list())->length(), 1U);
    expectFailed(
        ErrorCode::conflict, [&] { manager->exportKit("main"); }, "is removed until");
}

TEST_F(Manager, needsASession) {
    sessions.end(session.id);
    expectFailed(ErrorCode::loginAgain, [&] { manager->list(); });
    expectFailed(ErrorCode::loginAgain, [&] { manager->get("main"); });
    expectFailed(ErrorCode::loginAgain, [&] { create("main", folder / "r"); });
    expectFailed(ErrorCode::loginAgain, [&] { manager->exportKit("main"); });
    expectFailed(ErrorCode::loginAgain, [&] { manager->confirmKit("main", "kit"); });
    expectFailed(ErrorCode::loginAgain, [&] { manager->remove("main", {}); });
    expectFailed(ErrorCode::loginAgain, [&] { manager->keep("main"); });
}

}  // namespace
}  // namespace coffer
