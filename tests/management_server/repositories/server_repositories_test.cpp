#include "management_server/repositories/server_repositories.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "core/repository/generation_hold.h"
#include "tests/support/expect_error.h"
#include "tests/support/held_sync.h"
#include "tests/support/memory_folder.h"

namespace coffer {
namespace {

namespace fs = std::filesystem;

class Repositories : public testing::Test {
  protected:
    Repositories() {
        fs::create_directory(folder / "server");
        reopen();
    }

    void reopen() {
        repositories.reset();
        repositories.emplace(database, *disk, folder / "server", clock);
    }

    void put(const std::string& path) const {
        fs::create_directories(fs::path(folder / path).parent_path());
        std::ofstream(folder / path) << "x";
    }

    MemoryFolder folder;
    ManualClock clock;
    std::unique_ptr<Disk> disk = makeSystemDisk();
    ServerDatabase database{folder / "server.db"};
    std::optional<ServerRepositories> repositories;
};

TEST_F(Repositories, areMadeAndOpenedByName) {
    repositories->create("main", folder / "deep/repository");
    fs::create_directory(folder / "empty");
    repositories->create("second.one", folder / "empty");
    const auto main = repositories->open("main");
    EXPECT_EQ(repositories->open("main"), main);
    EXPECT_FALSE(main->kitConfirmed());
    EXPECT_NE(repositories->open("second.one")->config().repositoryId, main->config().repositoryId);
    const auto records = repositories->list();
    ASSERT_EQ(records.size(), 2U);
    EXPECT_EQ(records[0].name, "main");
    EXPECT_EQ(records[0].folder, folder / "deep/repository");
    EXPECT_TRUE(fs::exists(folder / "deep/repository/README.txt"));
    EXPECT_TRUE(fs::exists(folder / "server/repositories/main/state/server-keys"));
    EXPECT_TRUE(fs::exists(folder / "server/repositories/main/databases/repo.db"));
}

TEST_F(Repositories, areThereAfterARestart) {
    repositories->create("main", folder / "r");
    const RepositoryId id = repositories->open("main")->config().repositoryId;
    reopen();
    EXPECT_EQ(repositories->open("main")->config().repositoryId, id);
}

TEST_F(Repositories, withAnUnknownNameAreNotFound) {
    expectError(
        ErrorCode::notFound, [&] { repositories->open("main"); }, "main");
    expectError(ErrorCode::notFound, [&] { repositories->get(std::string(100'000, 'x')); });
    EXPECT_TRUE(repositories->list().empty());
}

TEST_F(Repositories, haveNamesThatAreSafe) {
    for (const std::string& name :
         {std::string(), std::string("a/b"), std::string(".."), std::string(".a"),
          std::string("-a"), std::string("a b"), std::string("a\n"), std::string("a\0b", 3),
          std::string("\xc3\xa4"), std::string(65, 'a'), std::string(1 << 20, 'a')}) {
        expectError(ErrorCode::invalidArgument, [&] { repositories->create(name, folder / "r"); });
    }
    repositories->create(std::string(64, 'a'), folder / "r");
    EXPECT_EQ(repositories->list().size(), 1U);
}

TEST_F(Repositories, needAFolderThatIsFree) {
    put("full/.hidden");
    put("file");
    fs::create_directory_symlink(folder / "server", folder / "link");
    expectError(
        ErrorCode::alreadyExists, [&] { repositories->create("r", folder / "full"); }, ".hidden");
    expectError(ErrorCode::alreadyExists, [&] { repositories->create("r", folder / "file"); });
    expectError(ErrorCode::invalidArgument, [&] { repositories->create("r", "relative"); });
    for (const char* path : {"server", "server/x", "link/x", "server/repositories/r", "."}) {
        expectError(
            ErrorCode::invalidArgument, [&] { repositories->create("r", folder / path); }, "state");
    }
    EXPECT_TRUE(fs::exists(folder / "full/.hidden"));
    EXPECT_TRUE(repositories->list().empty());
    EXPECT_FALSE(fs::exists(folder / "server/x"));
}

TEST_F(Repositories, keepApart) {
    repositories->create("main", folder / "a/b");
    expectError(
        ErrorCode::alreadyExists, [&] { repositories->create("main", folder / "c"); }, "main");
    for (const char* path : {"a", "a/b", "a/b/packs"}) {
        expectError(
            ErrorCode::invalidArgument, [&] { repositories->create("other", folder / path); },
            "main");
    }
    repositories->create("other", folder / "a/bc");
    EXPECT_FALSE(fs::exists(folder / "c"));
}

TEST_F(Repositories, takeTheRootOfANewFileSystem) {
    fs::create_directories(folder / "disk/lost+found");
    repositories->create("main", folder / "disk");
    repositories->open("main");
}

TEST_F(Repositories, leaveNothingBehindThatCouldNotBeMade) {
    // Entering it in the database fails at the very end.
    database.change([](SqlDatabase& sql) {
        sql.execute(
            "CREATE TRIGGER full BEFORE INSERT ON repositories BEGIN SELECT RAISE(ABORT, 'no'); "
            "END");
    });
    fs::create_directory(folder / "there");
    EXPECT_TRUE(errorOf([&] { repositories->create("a", folder / "new/er"); }));
    EXPECT_TRUE(errorOf([&] { repositories->create("a", folder / "there"); }));
    EXPECT_FALSE(fs::exists(folder / "new/er"));
    EXPECT_TRUE(fs::is_empty(folder / "there"));
    EXPECT_FALSE(fs::exists(folder / "server/repositories/a"));
    database.change([](SqlDatabase& sql) { sql.execute("DROP TRIGGER full"); });
    repositories->create("a", folder / "there");
    repositories->open("a");
}

TEST_F(Repositories, neverReplaceKeys) {
    put("server/repositories/main/state/server-keys");
    expectError(
        ErrorCode::conflict, [&] { repositories->create("main", folder / "r"); }, "move");
    EXPECT_FALSE(fs::exists(folder / "r"));
}

TEST_F(Repositories, areLockedAgainstOtherPrograms) {
    repositories->create("main", folder / "r");
    const auto lock = FileLock::tryTake(folder / "r/lock");
    expectError(
        ErrorCode::busy, [&] { repositories->open("main"); }, "main");
}

TEST_F(Repositories, holdTheirLocksWhileOpen) {
    repositories->create("main", folder / "r");
    repositories->open("main");
    EXPECT_FALSE(FileLock::tryTake(folder / "r/lock"));
    EXPECT_FALSE(FileLock::tryTake(folder / "server/repositories/main/lock"));
    repositories.reset();
    EXPECT_TRUE(FileLock::tryTake(folder / "r/lock"));
}

TEST_F(Repositories, whoseFolderIsGoneAreNotMadeAnew) {
    repositories->create("main", folder / "r");
    fs::rename(folder / "r", folder / "elsewhere");
    expectError(
        ErrorCode::notFound, [&] { repositories->open("main"); }, "no folder");
    EXPECT_FALSE(fs::exists(folder / "r"));
}

TEST_F(Repositories, recoverFromAFailedWrite) {
    repositories->create("main", folder / "r");
    const auto before = repositories->open("main");
    const GenerationHold hold(*before);
    fs::rename(folder / "r/manifest", folder / "aside");
    put("r/manifest");
    const AgentIdentity agent = AgentIdentity::random();
    EXPECT_TRUE(errorOf([&] { before->enrol(agent.id, agent.sign.verifyKey()); }));
    expectError(ErrorCode::untrusted, [&] { repositories->open("main"); });
    fs::remove(folder / "r/manifest");
    fs::rename(folder / "aside", folder / "r/manifest");
    // What cannot be written just now can still be read.
    fs::rename(folder / "r/owner", folder / "aside");
    EXPECT_EQ(repositories->open("main"), before);
    fs::rename(folder / "aside", folder / "r/owner");
    EXPECT_FALSE(before->canWrite());
    const auto after = repositories->open("main");
    EXPECT_EQ(after, before);  // for what runs there, and what a prune has to know of that
    EXPECT_TRUE(after->canWrite());
    after->enrol(agent.id, agent.sign.verifyKey());
    EXPECT_EQ(after->ledger().agentKey(agent.id), agent.sign.verifyKey());
    EXPECT_EQ(after->ledger().sessions().at(0).id, hold.session());
}

TEST_F(Repositories, answerWhileOneOfThemIsBeingWritten) {
    HeldSync sync;
    repositories->create("main", folder / "r");
    const AgentIdentity agent = AgentIdentity::random();
    {
        const auto main = repositories->open("main");
        EXPECT_TRUE(sync.holdDuring([&] { main->enrol(agent.id, agent.sign.verifyKey()); },
                                    [&] {
                                        const auto same = repositories->open("main");
                                        EXPECT_EQ(same, main);
                                        EXPECT_TRUE(same->canWrite());
                                        EXPECT_TRUE(same->ledger().snapshots().empty());
                                    }));
        EXPECT_TRUE(main->ledger().agentKey(agent.id));
    }
    repositories.reset();
}

TEST_F(Repositories, tellOfChanges) {
    std::vector<std::string> told;
    repositories->changed("before anybody listens");
    repositories->onChange([&](const std::string& name) { told.push_back(name); });
    repositories->changed("main");
    EXPECT_EQ(told, std::vector<std::string>{"main"});
}

TEST_F(Repositories, areEnteredAgainWhenTheDatabaseForgotThem) {
    repositories->create("main", folder / "r");
    const RepositoryId id = repositories->open("main")->config().repositoryId;
    EXPECT_TRUE(repositories->enterForgotten().empty());
    repositories.reset();
    database.change([](SqlDatabase& db) { db.execute("DELETE FROM repositories"); });
    put("server/repositories/strange/folder");
    put("server/repositories/.odd/state/server-keys");
    reopen();
    EXPECT_TRUE(repositories->list().empty());
    EXPECT_EQ(repositories->enterForgotten(), std::vector<std::string>{"main"});
    EXPECT_EQ(repositories->get("main").folder, folder / "r");
    EXPECT_EQ(repositories->open("main")->config().repositoryId, id);
}

TEST_F(Repositories, whoseFolderNobodyWroteDownIsWrittenDown) {
    repositories->create("main", folder / "r");
    fs::remove(folder / "server/repositories/main/folder");
    repositories->enterForgotten();
    EXPECT_TRUE(fs::exists(folder / "server/repositories/main/folder"));
}

TEST_F(Repositories, ofALostServerAreTakenOver) {
    repositories->create("main", folder / "r");
    const RecoveryKit kit = repositories->open("main")->kit();
    const RepositoryId id = kit.repositoryId;
    repositories.reset();
    fs::remove_all(folder / "server");
    fs::create_directory(folder / "server");
    database.change([](SqlDatabase& db) { db.execute("DELETE FROM repositories"); });
    reopen();
    repositories->create("other", folder / "other");
    const RecoveryKit wrong = repositories->open("other")->kit();
    expectError(ErrorCode::wrongKey, [&] { repositories->adopt("main", folder / "r", wrong); });
    expectError(ErrorCode::notFound, [&] { repositories->adopt("main", folder / "none", kit); });
    EXPECT_EQ(repositories->list().size(), 1U);
    repositories->adopt("main", folder / "r", kit);
    const auto main = repositories->open("main");
    EXPECT_EQ(main->config().repositoryId, id);
    EXPECT_TRUE(main->canWrite());
    EXPECT_TRUE(main->kitConfirmed());
    expectError(ErrorCode::alreadyExists, [&] { repositories->adopt("main", folder / "r", kit); });
}

}  // namespace
}  // namespace coffer
