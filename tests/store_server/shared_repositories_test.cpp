// The repositories of a server, and the store beside it.
#include "store_server/shared_repositories.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "management_server/repositories/server_repositories.h"
#include "tests/support/expect_error.h"
#include "tests/support/held_sync.h"
#include "tests/support/memory_folder.h"
#include "tests/support/test_repository.h"

namespace coffer {
namespace {

namespace fs = std::filesystem;

struct SharedRepositoriesTest : testing::Test {
    SharedRepositoriesTest() {
        fs::create_directory(folder / "server");
        startServer(true);
        server->create("main", folder / "repository");
        server->open("main")->confirmKit(server->open("main")->kit());
        store.emplace(*disk, folder / "server/repositories", clock);
    }

    void startServer(bool shared) {
        server.reset();
        server.emplace(database, *disk, folder / "server", clock, shared);
        server->onChange([this](const std::string& name) { changed.insert(name); });
    }

    static AgentId enrol(Repository& repository) {
        const AgentIdentity agent = AgentIdentity::random();
        repository.enrol(agent.id, agent.sign.verifyKey());
        return agent.id;
    }

    bool groupMay(const std::string& path) const {
        return (fs::status(folder / path).permissions() & fs::perms::group_read) != fs::perms::none;
    }

    MemoryFolder folder;
    ManualClock clock;
    std::unique_ptr<Disk> disk = makeSystemDisk(DiskAccess::group);
    ServerDatabase database{folder / "server.db"};
    std::multiset<std::string> changed;
    std::optional<ServerRepositories> server;
    std::optional<SharedRepositories> store;
};

TEST_F(SharedRepositoriesTest, AreOpenInBoth) {
    const AgentId agent = enrol(*server->open("main"));
    const auto opened = store->open("main");
    EXPECT_EQ(store->open("main"), opened);
    EXPECT_TRUE(opened->ledger().agentKey(agent));
    EXPECT_TRUE(opened->kitConfirmed());
    EXPECT_TRUE(fs::exists(folder / "server/repositories/main/databases/repo.db"));
}

TEST_F(SharedRepositoriesTest, AreOpenedAgainByAServerThatWasAway) {
    const auto opened = store->open("main");
    server.reset();
    const AgentId agent = enrol(*opened);
    startServer(true);
    EXPECT_TRUE(server->open("main")->ledger().agentKey(agent));
}

TEST_F(SharedRepositoriesTest, TellTheServerWhatTheStoreRecorded) {
    const auto opened = store->open("main");
    server->lookForChanges();
    changed.clear();
    server->lookForChanges();
    EXPECT_TRUE(changed.empty());
    enrol(*opened);
    server->lookForChanges();
    EXPECT_EQ(changed, std::multiset<std::string>{"main"});
}

TEST_F(SharedRepositoriesTest, DoNotHaveTheServerWaitForWhatTheStoreIsWriting) {
    HeldSync sync;
    startServer(true);
    store.emplace(*disk, folder / "server/repositories", clock);
    server->open("main");
    {
        const auto writing = store->open("main");
        const AgentId agent = enrol(*writing);
        const ManifestHead news = writing->ledger().head();
        EXPECT_TRUE(sync.holdDuring([&] { enrol(*writing); },
                                    [&] {
                                        const auto looking = server->open("main");
                                        EXPECT_EQ(looking->ledger().head(), news);
                                        EXPECT_TRUE(looking->ledger().agentKey(agent));
                                    }));
        EXPECT_EQ(server->open("main")->ledger().head(), writing->ledger().head());
    }
    store.reset();
    server.reset();
}

TEST_F(SharedRepositoriesTest, TheirIndexesFollowTheOtherProgram) {
    const auto opened = server->open("main");
    enrol(*store->open("main"));
    const std::uint64_t head = store->open("main")->ledger().head().sequence;
    server->open("main");
    EXPECT_EQ(opened->ledger().head().sequence, head);
    server->lookForChanges();
    EXPECT_EQ(opened->index().generation(), head);
}

TEST_F(SharedRepositoriesTest, AreNotTheStoresWhenTheServerHasThemAlone) {
    startServer(false);
    server->open("main");
    expectError(ErrorCode::busy, [&] { store->open("main"); });
    startServer(true);
    store->open("main");
}

TEST_F(SharedRepositoriesTest, AreTakenOverByTheServerFirst) {
    std::ofstream(folder / "server/repositories/main/take-over") << "";
    expectError(ErrorCode::busy, [&] { store->open("main"); });
    server.reset();
    startServer(true);
    server->open("main");
    store->open("main");
}

TEST_F(SharedRepositoriesTest, AreOnlyThoseThatAreHandedOver) {
    for (const char* name : {"other", "..", "../repositories/main", "", "a/b", "tmp"}) {
        expectError(ErrorCode::notFound, [&] { store->open(name); });
    }
}

TEST_F(SharedRepositoriesTest, KeepTheOthersUnfinishedFiles) {
    const auto writer = server->open("main")->store().create("packs/ab/unfinished");
    writer->append(bytesOf("half"));
    store->open("main");
    writer->commit();
    EXPECT_TRUE(fs::exists(folder / "repository/packs/ab/unfinished"));
}

TEST_F(SharedRepositoriesTest, KeepTheRootSeedFromTheStore) {
    const std::string keys = "server/repositories/fresh/state/server-keys";
    server->create("fresh", folder / "fresh");
    EXPECT_FALSE(groupMay(keys));
    // However it came to be like that.
    server->open("fresh");
    startServer(true);
    fs::permissions(folder / keys, fs::perms::group_read, fs::perm_options::add);
    server->open("fresh");
    EXPECT_FALSE(groupMay(keys));
    // A server that begins does not wait until it is opened.
    startServer(true);
    fs::permissions(folder / keys, fs::perms::group_read, fs::perm_options::add);
    server->keepSeedsFromGroup();
    EXPECT_FALSE(groupMay(keys));
    EXPECT_TRUE(groupMay("server/repositories/main/state/server-keys"));
    server->open("fresh")->confirmKit(server->open("fresh")->kit());
    EXPECT_TRUE(groupMay(keys));
    store->open("fresh");
}

TEST_F(SharedRepositoriesTest, LetTheGroupIntoAnIndexThatWasThereBefore) {
    server->open("main");
    const std::string index = folder / "server/repositories/main/databases/index-store";
    fs::create_directory(index);
    fs::permissions(index, fs::perms::owner_all);
    store->open("main");
    EXPECT_EQ(fs::status(index).permissions() & fs::perms::group_all, fs::perms::group_all);
}

TEST_F(SharedRepositoriesTest, AreForTheGroup) {
    server->open("main");
    store->open("main");
    EXPECT_TRUE(groupMay("server/repositories/main/databases/repo.db"));
    EXPECT_TRUE(groupMay("server/repositories/main/databases/index-store"));
    EXPECT_TRUE(groupMay("server/repositories/main/state/server-keys"));
    EXPECT_TRUE(groupMay("server/repositories/main/folder"));
    EXPECT_TRUE(groupMay("repository/config"));
}

}  // namespace
}  // namespace coffer
