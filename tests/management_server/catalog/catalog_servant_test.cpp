#include "management_server/catalog/catalog_servant.h"

#include <fstream>
#include <set>

#include "tests/management_server/snapshots/snapshots_fixture.h"

namespace coffer {
namespace {

using Paths = std::set<std::string>;

/// The repository of the SnapshotsFixture, with a catalogue.
class FileCatalogs : public SnapshotsFixture {
  protected:
    FileCatalogs() {
        agents[backups.agent.id] = "laptop";
        catalog = catalogOf(sessions, session);
        catalogs->start();
        read();
    }
    ~FileCatalogs() override { catalogs->stop(); }

    Coffer::FileCatalog_ptr catalogOf(SessionTable& table, const UserSession& user) {
        static int number = 0;
        const std::string poa = "catalog-" + std::to_string(++number);
        const PortableServer::Servant_var<CatalogServant> servant = new CatalogServant(
            {table, repositories, *iterators, *catalogs, [this] { return agents; }});
        const PortableServer::POA_var made = testOrb().poa(poa, servant);
        const CORBA::Object_var object =
            referenceIn(testOrb(), poa, user.id.view(), Coffer::FileCatalog::_PD_repoId);
        return Coffer::FileCatalog::_narrow(object);
    }

    void read() {
        catalogs->look();
        catalogs->settle();
    }

    std::vector<Coffer::CatalogVersion> find(const std::string& pattern,
                                             const rpc::SettingMap& options = {},
                                             const std::string& below = "/",
                                             CORBA::ULong page = 2) {
        Coffer::CatalogState_var stand;
        const Coffer::CatalogIterator_var rest =
            catalog->find("main", rpc::toPath(pattern), rpc::toPath(below),
                          rpc::toSettings(options), stand.out());
        state = stand.in();
        std::vector<Coffer::CatalogVersion> found;
        for (bool more = true; more;) {
            Coffer::CatalogVersions_var versions;
            more = rest->next(page, versions.out());
            for (CORBA::ULong i = 0; i < versions->length(); ++i) found.push_back(versions[i]);
        }
        return found;
    }

    Paths pathsOf(const std::string& pattern, const rpc::SettingMap& options = {},
                  const std::string& below = "/") {
        Paths paths;
        for (const auto& version : find(pattern, options, below)) {
            paths.insert(rpc::textOf(version.where));
        }
        return paths;
    }

    std::string file() const { return backups.scratch / "catalog.db"; }

    std::unique_ptr<Catalogs> catalogs = std::make_unique<Catalogs>(
        Catalogs::Parts{repositories, [] { return std::vector<std::string>{"main"}; },
                        [this](const std::string&) { return file(); }});
    AgentNames agents;
    Coffer::FileCatalog_var catalog;
    Coffer::CatalogState state;
};

TEST_F(FileCatalogs, TellWhichSnapshotsHoldWhat) {
    const auto found = find("c", {{"list", "yes"}});
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(rpc::textOf(found[0].where), "/data/sub/c");
    EXPECT_EQ(std::string(found[0].agent), "laptop");
    EXPECT_EQ(std::string(found[0].kind), "file");
    EXPECT_EQ(found[0].size, 5);
    EXPECT_EQ(std::string(found[0].firstSnapshot), first);
    EXPECT_EQ(std::string(found[0].lastSnapshot), first);
    EXPECT_EQ(found[1].size, 7);
    EXPECT_EQ(std::string(found[1].snapshots[0]), second);
    const auto link = find("link", {{"list", "yes"}});
    ASSERT_EQ(link.size(), 1U);
    EXPECT_EQ(link[0].count, 2U);
    EXPECT_EQ(rpc::toTexts(link[0].snapshots), (std::vector{first, second}));
    EXPECT_EQ(state.unreadCount, 0U);
    EXPECT_EQ(state.read, 2U);
}

TEST_F(FileCatalogs, NarrowWhatTheyTell) {
    EXPECT_EQ(pathsOf("*", {{"kind", "symlink"}}), Paths{"/data/sub/link"});
    EXPECT_EQ(pathsOf("*", {}, "/data/sub"), (Paths{"/data/sub/c", "/data/sub/link"}));
    EXPECT_EQ(pathsOf("NEW", {{"ignore-case", "yes"}}), Paths{"/data/new"});
    EXPECT_EQ(pathsOf("*", {{"agent", "other"}}), Paths{});
    EXPECT_EQ(pathsOf("*", {{"before", "1"}}), Paths{});
    EXPECT_EQ(state.read, 0U);
    expectFailed(ErrorCode::invalidArgument, [&] { find("*", {{"kind", "thing"}}); });
    expectFailed(ErrorCode::invalidArgument, [&] { find("!a"); });
    expectFailed(ErrorCode::invalidArgument, [&] { find(std::string(5'000, 'a')); });
}

TEST_F(FileCatalogs, TellNobodyOfAgentsThatHeMayNotSee) {
    backups.agent = AgentIdentity::random();
    backups.repository->enrol(backups.agent.id, backups.agent.sign.verifyKey());
    agents[backups.agent.id] = "desktop";
    source.addFile("/data/secret", bytesOf("secret"));
    backups.backupPaths(source, {"/data"});
    read();
    EXPECT_EQ(pathsOf("secret"), Paths{"/data/secret"});
    EXPECT_EQ(find("link").size(), 2U);      // one of each agent
    backups.backupPaths(source, {"/data"});  // and one that was not read

    SessionTable table(clock, sessionCalls([](const std::string&) {
                           return std::vector<Grant>{{UserRole::viewer, "", {"laptop"}}};
                       }));
    const UserSession bob = table.begin("bob");
    catalog = catalogOf(table, bob);
    EXPECT_EQ(pathsOf("secret"), Paths{});
    EXPECT_EQ(pathsOf("*", {{"agent", "desktop"}}), Paths{});
    const auto link = find("link", {{"list", "yes"}});
    ASSERT_EQ(link.size(), 1U);
    EXPECT_EQ(link[0].count, 2U);
    EXPECT_EQ(rpc::toTexts(link[0].snapshots), (std::vector{first, second}));
    EXPECT_EQ(state.read, 2U);
    EXPECT_EQ(state.unreadCount, 0U);
    const Coffer::CatalogState_var now = catalog->state("main");
    EXPECT_EQ(now->read + now->unreadCount, 2U);
    expectFailed(ErrorCode::permissionDenied, [&] { catalog->rebuild("main"); });
}

TEST_F(FileCatalogs, FollowWhatIsForgottenAndBroughtBack) {
    const SnapshotId id = snapshotIdOf(second);
    backups.repository->trash(std::span(&id, 1), {4'000'000'000, 0});
    EXPECT_EQ(pathsOf("new"), Paths{});  // at once
    backups.repository->untrash(std::span(&id, 1));
    EXPECT_EQ(pathsOf("new"), Paths{"/data/new"});
    backups.repository->forget(id);
    EXPECT_EQ(pathsOf("new"), Paths{});
    read();
    EXPECT_EQ(pathsOf("a"), Paths{"/data/a"});
}

TEST_F(FileCatalogs, SayWhatTheyHaveNotRead) {
    source.addFile("/data/late", bytesOf("late"));
    const std::string third = backups.backupPaths(source, {"/data"}).id.hex();
    EXPECT_EQ(pathsOf("late"), Paths{});
    EXPECT_EQ(state.unreadCount, 1U);
    EXPECT_EQ(rpc::toTexts(state.unread), std::vector{third});
    read();
    EXPECT_EQ(pathsOf("late"), Paths{"/data/late"});
    EXPECT_EQ(state.unreadCount, 0U);
}

TEST_F(FileCatalogs, AreMadeAnewWhenDamagedOrAskedTo) {
    const auto all = pathsOf("*");
    catalogs->stop();
    for (const std::string content : {"", "no database", "SQLite format 3"}) {
        CatalogFile::remove(file());
        std::ofstream(file(), std::ios::binary) << content << std::string(8'192, 'x');
        catalogs = std::make_unique<Catalogs>(
            Catalogs::Parts{repositories, [] { return std::vector<std::string>{"main"}; },
                            [this](const std::string&) { return file(); }});
        catalogs->start();
        read();
        catalogs->stop();
        CatalogFile again(file(), backups.repository->config().repositoryId);
        EXPECT_EQ(again.snapshots().size(), 2U);
    }
    EXPECT_FALSE(all.empty());
}

TEST_F(FileCatalogs, AreReadAnewOnRequest) {
    const auto all = pathsOf("*");
    {
        CatalogFile emptied(file(), backups.repository->config().repositoryId);
        emptied.database().execute("DELETE FROM versions");
    }
    EXPECT_TRUE(pathsOf("*").empty());
    catalog->rebuild("main");
    catalogs->settle();
    EXPECT_EQ(pathsOf("*"), all);
    const Coffer::CatalogState_var now = catalog->state("main");
    EXPECT_EQ(now->read, 2U);
    EXPECT_FALSE(now->working);
    expectFailed(ErrorCode::notFound, [&] { catalog->rebuild("none"); });
}

// In another file the same numbers are those of other agents.
TEST_F(FileCatalogs, AQuestionEndsWithTheFileThatItBeganIn) {
    for (int i = 0; i < 1'500; ++i) source.addFile("/data/n" + std::to_string(i), bytesOf("x"));
    backups.backupPaths(source, {"/data"});
    read();
    Coffer::CatalogState_var stand;
    const Coffer::CatalogIterator_var rest =
        catalog->find("main", rpc::toPath("*"), rpc::toPath("/"), rpc::toSettings({}), stand.out());
    Coffer::CatalogVersions_var versions;
    ASSERT_TRUE(rest->next(100, versions.out()));
    catalog->rebuild("main");
    catalogs->settle();
    expectFailed(ErrorCode::busy, [&] {
        while (rest->next(1'000, versions.out())) {
        }
    });
    EXPECT_EQ(find("n7").size(), 1U);
}

TEST_F(FileCatalogs, NothingIsKnownWhileOneWaitsToBeMadeAnew) {
    catalogs->stop();
    catalogs = std::make_unique<Catalogs>(
        Catalogs::Parts{repositories, [] { return std::vector<std::string>{"main"}; },
                        [this](const std::string&) { return file(); }});
    catalog = catalogOf(sessions, session);
    EXPECT_EQ(find("a").size(), 1U);
    catalog->rebuild("main");  // the thread is not there yet
    EXPECT_TRUE(find("a").empty());
    EXPECT_EQ(state.read, 0U);
    EXPECT_EQ(rpc::toTexts(state.unread), (std::vector{first, second}));
    EXPECT_TRUE(state.working);
    catalogs->start();
    catalogs->settle();
    EXPECT_EQ(find("a").size(), 1U);
    EXPECT_EQ(state.unreadCount, 0U);
}

TEST_F(FileCatalogs, AQuestionNoticesDamageAndIsAnsweredAfterIt) {
    const auto all = pathsOf("*");
    {
        CatalogFile broken(file(), backups.repository->config().repositoryId);
        broken.database().execute("DROP TABLE versions");
    }
    expectFailed(ErrorCode::busy, [&] { find("*"); });
    catalogs->settle();
    EXPECT_EQ(pathsOf("*"), all);
}

}  // namespace
}  // namespace coffer
