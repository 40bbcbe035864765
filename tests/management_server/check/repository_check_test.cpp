#include "management_server/check/repository_check.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <optional>

#include "core/base/file_lock.h"
#include "core/repository/server_backup.h"
#include "core/storage/memory_store.h"
#include "core/trust/private_file.h"
#include "management_server/check/database_check.h"
#include "management_server/database/server_schema.h"
#include "tests/support/flip_bit.h"
#include "tests/support/memory_folder.h"

namespace coffer {
namespace {

namespace fs = std::filesystem;

class RepositoryCheck : public testing::Test {
  protected:
    RepositoryCheck() {
        fs::create_directory(folder / "server");
        database.emplace(folder / "server.db");
        repositories.emplace(*database, *disk, folder / "server", clock);
        repositories->create("main", folder / "main");
        const auto main = repositories->open("main");
        kit = main->kit();
        main->confirmKit(kit);
        ServerBackupWriter writer(main->store(), main->config(), main->keys().sign, 1, clock.now());
        writer.append("a", {});
        writer.commit();
    }

    // The server ends.
    void end() {
        repositories.reset();
        database.reset();
    }

    Findings check() {
        return checkRepository({"main", folder / "main"}, {*disk, folder / "server", serverRuns,
                                                           true, lastEvent, clock.now()});
    }

    // The only one that is not well.
    Finding bad() {
        std::optional<Finding> found;
        for (const Finding& finding : check()) {
            if (finding.level == FindingLevel::ok) continue;
            EXPECT_FALSE(found) << finding.text;
            EXPECT_NE(finding.advice, "");
            found = finding;
        }
        EXPECT_TRUE(found);
        return found.value_or(Finding{});
    }

    MemoryFolder folder;
    ManualClock clock{1'700'000'000};
    std::unique_ptr<Disk> disk = makeSystemDisk();
    std::optional<ServerDatabase> database;
    std::optional<ServerRepositories> repositories;
    RecoveryKit kit;
    bool serverRuns = true;
    std::optional<Timestamp> lastEvent = clock.now();
};

TEST_F(RepositoryCheck, FindsAllWellBesideAServerAndWithoutOne) {
    EXPECT_EQ(worstOf(check()), FindingLevel::ok);
    end();
    serverRuns = false;
    EXPECT_EQ(worstOf(check()), FindingLevel::ok);
}

TEST_F(RepositoryCheck, NamesOneThatIsAway) {
    fs::rename(folder / "main", folder / "away");
    EXPECT_NE(bad().text.find("no folder"), std::string::npos);
    fs::create_directory(folder / "main");  // where it was mounted
    EXPECT_NE(bad().text.find("no repository"), std::string::npos);
}

TEST_F(RepositoryCheck, NamesKeysThatAreMissing) {
    fs::remove_all(folder / "server/repositories/main/state");
    EXPECT_NE(bad().text.find("keys"), std::string::npos);
}

TEST_F(RepositoryCheck, NamesOneThatWasTakenOver) {
    MemoryStore state;
    LocalStore store(*disk, folder / "main");
    Repository::adopt({store, state, folder / "server", clock}, kit);
    EXPECT_NE(bad().text.find("taken it over"), std::string::npos);
}

TEST_F(RepositoryCheck, NamesWhoHoldsItsLock) {
    end();
    serverRuns = false;
    const FileLock lock = FileLock::take(folder / "main/lock");
    EXPECT_EQ(bad().subject, "lock of main");
}

TEST_F(RepositoryCheck, TakesNoLockToLookAtIt) {
    end();
    serverRuns = false;
    const std::string lock = folder / "main/lock";
    std::ofstream(lock) << "left";
    EXPECT_EQ(worstOf(check()), FindingLevel::ok);
    EXPECT_EQ(readTextFile(lock), "left");
    fs::remove(lock);
    check();
    EXPECT_FALSE(fs::exists(lock));
}

TEST_F(RepositoryCheck, NamesAKitThatWasNotConfirmed) {
    fs::remove_all(folder / "main");
    fs::remove_all(folder / "server/repositories/main");
    end();
    database.emplace(folder / "other.db");
    repositories.emplace(*database, *disk, folder / "server", clock);
    repositories->create("main", folder / "main");
    const Findings findings = check();
    EXPECT_EQ(findings.at(3).subject, "recovery kit of main");
    EXPECT_EQ(findings.at(3).level, FindingLevel::warning);
    EXPECT_EQ(findings.at(4).level, FindingLevel::warning);  // no backup yet, either
    EXPECT_NE(findings.at(4).text.find("not been saved"), std::string::npos);
}

TEST_F(RepositoryCheck, NamesAManifestThatIsDatedAhead) {
    clock.advance(2 * 86'400);
    repositories->open("main")->enrol(randomId<AgentId>(), randomId<VerifyKey>());
    EXPECT_EQ(worstOf(check()), FindingLevel::ok);
    clock.advance(-2 * 86'400);
    const Finding found = bad();
    EXPECT_EQ(found.subject, "times of main");
    EXPECT_EQ(found.level, FindingLevel::warning);
    EXPECT_NE(found.text.find("2 days ahead"), std::string::npos) << found.text;
    clock.advance(2 * 86'400 - 60);
    EXPECT_EQ(worstOf(check()), FindingLevel::ok);
}

TEST_F(RepositoryCheck, NamesABackupThatIsLateOrDamaged) {
    lastEvent->seconds += 2 * 3'600;
    EXPECT_EQ(bad().level, FindingLevel::warning);
    EXPECT_NE(bad().text.find("2 hours"), std::string::npos);
    lastEvent->seconds += 8 * 86'400;
    EXPECT_EQ(bad().level, FindingLevel::error);
    lastEvent = clock.now();
    flipBit(folder / "main/server/0000000000000001", 40);
    EXPECT_EQ(bad().level, FindingLevel::error);
    EXPECT_EQ(bad().subject, "server's backup in main");
}

TEST_F(RepositoryCheck, TheDatabaseTellsWhatThereIs) {
    const DatabaseFacts facts = checkDatabase(folder / "server.db");
    EXPECT_EQ(facts.finding.level, FindingLevel::ok) << facts.finding.text;
    ASSERT_EQ(facts.repositories.size(), 1U);
    EXPECT_EQ(facts.repositories.at(0).name, "main");
    EXPECT_EQ(facts.repositories.at(0).folder, folder / "main");
}

TEST_F(RepositoryCheck, NamesADatabaseThatIsMissingDamagedOrNewer) {
    EXPECT_EQ(checkDatabase(folder / "none.db").finding.level, FindingLevel::error);
    EXPECT_FALSE(fs::exists(folder / "none.db"));
    {
        SqlDatabase newer(folder / "newer.db", false);
        newer.execute("PRAGMA user_version=" + std::to_string(serverSchemaVersion + 1));
    }
    const Finding newer = checkDatabase(folder / "newer.db").finding;
    EXPECT_EQ(newer.level, FindingLevel::error);
    EXPECT_NE(newer.advice.find("newer"), std::string::npos);
    { SqlDatabase(folder / "server.db", false).copyTo(folder / "bad.db"); }
    {
        std::fstream file(folder / "bad.db", std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(3 * 4096);
        for (int i = 0; i < 4096; ++i) file.put('x');
    }
    const Finding bad = checkDatabase(folder / "bad.db").finding;
    EXPECT_EQ(bad.level, FindingLevel::error);
    EXPECT_NE(bad.advice, "");
    std::ofstream(folder / "text.db") << std::string(10'000, 'x');
    EXPECT_EQ(checkDatabase(folder / "text.db").finding.level, FindingLevel::error);
}

TEST_F(RepositoryCheck, AnOlderDatabaseIsUpgradedByTheNextStart) {
    {
        SqlDatabase old(folder / "old.db", true);
        migrateServerSchema(old, 1);
    }
    EXPECT_EQ(checkDatabase(folder / "old.db").finding.level, FindingLevel::warning);
}

}  // namespace
}  // namespace coffer
