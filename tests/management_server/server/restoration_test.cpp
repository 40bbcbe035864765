#include "management_server/server/restoration.h"

#include <filesystem>
#include <fstream>

#include "core/repository/server_backup.h"
#include "core/trust/certificate_authority.h"
#include "management_server/access/audit_log.h"
#include "management_server/database/columns.h"
#include "management_server/events/event_recorder.h"
#include "management_server/repositories/audit_witness.h"
#include "management_server/server/own_files.h"
#include "tests/management_server/server/server_fixture.h"
#include "tests/support/flip_bit.h"
#include "tests/support/full_disk.h"

namespace coffer {
namespace {

namespace fs = std::filesystem;

/// A server with two repositories that has saved itself; it is lost.
class Restoration : public ServerFixture {
  protected:
    Restoration() {
        initialise();
        authority = readTextFile(state.authorityFile());
        open();
        parts->repositories.create("main", folder / "main");
        parts->repositories.create("second", folder / "second");
        kit = parts->repositories.open("main")->kit();
        audit(3);
        save();
    }

    struct Parts {
        explicit Parts(Restoration& test)
            : database(test.state.databaseFile()),
              repositories(database, *test.disk, test.state.path(), test.clock),
              log(database, test.clock, [] { return std::string(); }),
              witness(log, repositories, test.state.storeKey()) {}
        ServerDatabase database;
        ServerRepositories repositories;
        AuditLog log;
        AuditWitness witness;
    };

    void open() { parts = std::make_unique<Parts>(*this); }

    void audit(int count) {
        for (int i = 0; i < count; ++i) parts->log.add("ann", {"user-added", "bob"});
        parts->witness.note();
    }

    void save() {
        EventRecorder events(parts->database, clock);
        SelfBackup backup(
            {parts->database, parts->repositories, events, clock, *disk, state.databaseFile(),
             [this] {
                 return ownFiles(state, settingsFiles, {"main", "second"});
             }},
            {});
        backup.start();
        backup.stop();
    }

    // Its machine burns down.
    void lose() { parts.reset(); }

    Restored restore(RestoreOrder order) {
        lose();
        return restoreServer(fresh, order, clock);
    }
    Restored restore() { return restore({folder / "main", kit}); }

    void expectNothing() {
        for (const auto& entry : fs::directory_iterator(fresh.path())) {
            EXPECT_EQ(entry.path().filename(), "lock");
        }
    }

    std::string newestIn(const std::string& repository) {
        LocalStore store(*disk, folder / repository);
        return folder / repository + "/" + serverBackups(store).back().name;
    }

    std::vector<std::string> settingsFiles{state.settingsFile()};
    std::string authority;
    RecoveryKit kit;
    std::unique_ptr<Parts> parts;
    ServerFolder fresh{*disk, folder / "fresh"};
};

// Another server may have adopted it in its grace period.
TEST_F(Restoration, LeavesARemovedRepositoryAlone) {
    Timestamp due = clock.now();
    due.seconds += 1'000;
    parts->repositories.remove("second", {clock.now(), due, "ann"}, [](SqlDatabase&) {});
    save();
    const std::string before = readTextFile(folder / "second/owner");
    const Restored restored = restore();
    ASSERT_EQ(restored.repositories.size(), 1U);
    EXPECT_EQ(restored.repositories[0].name, "main");
    EXPECT_EQ(readTextFile(folder / "second/owner"), before);
    EXPECT_TRUE(fs::exists(fresh.path() + "/repositories/second/" + takeOverFile));
}

TEST_F(Restoration, BringsEverythingBack) {
    const SecretKey key = state.storeKey();
    const Restored restored = restore();
    EXPECT_EQ(restored.time, clock.now());
    EXPECT_EQ(restored.lostRecords, 0U);
    ASSERT_EQ(restored.repositories.size(), 2U);
    for (const auto& repository : restored.repositories) EXPECT_EQ(repository.problem, "");

    fresh.require();
    EXPECT_EQ(readTextFile(fresh.authorityFile()), authority);
    CertificateAuthority::load(fresh.path(), clock);
    EXPECT_EQ(readTextFile(fresh.certificateFile()), readTextFile(state.certificateFile()));
    EXPECT_EQ(fresh.storeKey(), key);
    EXPECT_EQ(ServerSettings::read({fresh.settingsFile()}).hosts,
              std::vector<std::string>{"localhost"});
    ServerDatabase database(fresh.databaseFile());
    EXPECT_TRUE(UserTable(database, clock, hasher).verify("admin", password));
    ServerRepositories repositories(database, *disk, fresh.path(), clock);
    EXPECT_EQ(repositories.open("main")->kit(), kit);
    repositories.open("second");
    const AuditLog log(database, clock, {});
    EXPECT_FALSE(log.verify().bad);
    const auto records = log.after(0, 100);
    EXPECT_EQ(records.back().change.action, "server-restored");
    EXPECT_EQ(records.size(), 4U);
    for (const auto& remembered : AuditWitness(log, repositories, key).remembered()) {
        EXPECT_FALSE(remembered.problem);
        EXPECT_TRUE(log.holds(remembered.head));
    }
}

TEST_F(Restoration, KeepsSecretsFromOthers) {
    restore();
    for (const auto& entry : fs::recursive_directory_iterator(fresh.path())) {
        const auto open =
            entry.status().permissions() & (fs::perms::group_all | fs::perms::others_all);
        EXPECT_EQ(open, fs::perms::none) << entry.path();
    }
}

TEST_F(Restoration, TheFormerServerCanWriteNoMore) {
    restore();
    open();
    expectError(
        ErrorCode::conflict, [&] { parts->repositories.open("main"); }, "taken");
    expectError(
        ErrorCode::conflict, [&] { parts->repositories.open("second"); }, "taken");
    save();
    LocalStore store(*disk, folder / "main");
    EXPECT_EQ(serverBackups(store).size(), 1U);
}

TEST_F(Restoration, WantsAnEmptyFolderAndTheRightKit) {
    fs::create_directories(fresh.path());
    std::ofstream(fresh.path() + "/mine") << "x";
    expectError(
        ErrorCode::alreadyExists, [&] { restore(); }, "mine");
    fs::remove(fresh.path() + "/mine");
    expectError(ErrorCode::wrongKey, [&] {
        restore({folder / "main", {kit.repositoryId, SecretKey::random()}});
    });
    expectError(ErrorCode::wrongKey, [&] { restore({folder / "second", kit}); });
    expectError(ErrorCode::notFound, [&] { restore({folder / "nowhere", kit}); });
    expectNothing();
    restore();
}

TEST_F(Restoration, WithoutABackupSaysWhatElseToDo) {
    fs::remove_all(folder / "main/server");
    expectError(
        ErrorCode::notFound, [&] { restore(); }, "adopt");
    expectNothing();
}

TEST_F(Restoration, TakesAnOlderBackupWhenTheNewestIsDamaged) {
    clock.advance(100);
    audit(2);
    save();
    flipBit(newestIn("main"), 300);
    const Restored restored = restore();
    EXPECT_EQ(restored.number, 1U);
    // The log says how much is missing, and holds.
    EXPECT_EQ(restored.lostRecords, 2U);
    ServerDatabase database(fresh.databaseFile());
    AuditLog log(database, clock, [] { return std::string(); });
    EXPECT_EQ(log.after(3, 1).at(0).change.after.at("records-lost-before-this"), "2");
    const ServerRepositories repositories(database, *disk, fresh.path(), clock);
    AuditWitness witness(log, repositories, fresh.storeKey());
    witness.note();
    for (const auto& remembered : witness.remembered()) EXPECT_EQ(remembered.head, log.head());
}

/// A disk on which one file cannot be read.
class BadDisk : public FullDisk {
  public:
    BadDisk(Disk& inner, std::string bad) : FullDisk(inner), bad_(std::move(bad)) {}

    std::shared_ptr<DiskReader> open(const std::string& path) override {
        if (path == bad_) throw Error(ErrorCode::ioError, "a bad sector");
        return FullDisk::open(path);
    }

  private:
    const std::string bad_;
};

TEST_F(Restoration, TakesAnOlderBackupWhenTheNewestCannotBeRead) {
    audit(1);
    save();
    BadDisk bad(*disk, newestIn("main"));
    ServerFolder target(bad, fresh.path());
    lose();
    EXPECT_EQ(restoreServer(target, {folder / "main", kit}, clock).number, 1U);
}

TEST_F(Restoration, LeavesNothingWhenAllAreDamaged) {
    flipBit(newestIn("main"), 300);
    expectError(
        ErrorCode::untrusted, [&] { restore(); }, "none of the server's backups is sound");
    expectNothing();
}

TEST_F(Restoration, FindsRepositoriesThatHaveMoved) {
    lose();
    fs::rename(folder / "main", folder / "main2");
    fs::rename(folder / "second", folder / "second2");
    restore({folder / "main2", kit, {{"second", folder / "second2"}}});
    ServerDatabase database(fresh.databaseFile());
    ServerRepositories repositories(database, *disk, fresh.path(), clock);
    EXPECT_EQ(repositories.get("main").folder, folder / "main2");
    EXPECT_EQ(repositories.get("second").folder, folder / "second2");
    repositories.open("main");
    repositories.open("second");
}

TEST_F(Restoration, TellsOfRepositoriesThatAreAway) {
    audit(2);  // lost: after the backup
    lose();
    fs::rename(folder / "second", folder / "away");
    const Restored restored = restore();
    EXPECT_EQ(restored.repositories.at(0).problem, "");
    EXPECT_NE(restored.repositories.at(1).problem, "");
    fs::rename(folder / "away", folder / "second");
    ServerDatabase database(fresh.databaseFile());
    {
        ServerRepositories repositories(database, *disk, fresh.path(), clock);
        repositories.open("second");
        AuditLog log(database, clock, [] { return std::string(); });
        AuditWitness witness(log, repositories, fresh.storeKey());
        witness.note();
        for (const auto& remembered : witness.remembered()) {
            EXPECT_FALSE(remembered.problem);
            EXPECT_EQ(remembered.head, log.head());
        }
        EXPECT_FALSE(fs::exists(fresh.path() + "/repositories/second/" + takeOverFile));
    }
    // It is the former server's no more, and taken over once.
    open();
    expectError(
        ErrorCode::conflict, [&] { parts->repositories.open("second"); }, "taken");
    ServerRepositories(database, *disk, fresh.path(), clock).open("second");
}

TEST_F(Restoration, LeavesFoldersOfOthersAlone) {
    parts->repositories.create("other", folder / "other");
    for (const char* name : {"plain", "other"}) {
        fs::create_directories(folder / name + "/tmp");
        std::ofstream(folder / name + "/tmp/mine") << "x";
        fs::remove(folder / name + "/lock");
        const Restored restored = restore({folder / "main", kit, {{"second", folder / name}}});
        EXPECT_NE(restored.repositories.at(1).problem, "") << name;
        EXPECT_TRUE(fs::exists(folder / name + "/tmp/mine")) << name;
        EXPECT_FALSE(fs::exists(folder / name + "/lock")) << name;
        fs::remove_all(fresh.path());
    }
}

TEST_F(Restoration, OfAnUnknownRepositoryIsRefused) {
    expectError(
        ErrorCode::notFound,
        [&] {
            restore({folder / "main", kit, {{"x", folder / "y"}}});
        },
        "x");
    expectNothing();
}

TEST_F(Restoration, BringsSettingsAndTheirSecretsAlong) {
    writePrivateFile(folder / "password", "hunter2\n");
    writePrivateFile(folder / "etc.ini",
                     "[log]\nlevel = debug\n[mail]\nserver = localhost:25\nsecurity = none\n"
                     "user = u\npassword-file = " +
                         folder / "password" + "\nfrom = a@b.example\nto = c@d.example\n");
    settingsFiles.push_back(folder / "etc.ini");
    audit(1);
    save();
    fs::remove(folder / "password");
    restore({folder / "main", kit, {}, "127.0.0.1:4711"});
    const ServerSettings settings = ServerSettings::read({fresh.settingsFile()});
    EXPECT_EQ(settings.log.level, LogLevel::debug);
    EXPECT_EQ(settings.listen.text(), "127.0.0.1:4711");
    ASSERT_TRUE(settings.notify.mail);
    EXPECT_EQ(readTextFile(settings.notify.mail->passwordFile), "hunter2\n");
}

TEST_F(Restoration, DoesNotGiveNumbersAgainThatWereGivenSince) {
    const std::uint64_t newest = EventRecorder(parts->database, clock).newest();
    restore();
    ServerDatabase database(fresh.databaseFile());
    EXPECT_GT(EventRecorder(database, clock).newest(), newest + 999);
    database.read([](SqlDatabase& db) {
        SqlStatement row = db.prepare("SELECT seq FROM sqlite_sequence WHERE name='runs'");
        ASSERT_TRUE(row.step());
        EXPECT_EQ(row.integer(0), 1'000);
    });
}

TEST_F(Restoration, FilesWithOtherNamesAreRefused) {
    for (const char* name : {"x", "../x", "repositories/../server-keys", "repositories/a/b/folder",
                             "repositories/server-keys", "repositories//folder", "secrets/x",
                             "secrets/../store.key", "server.db/x"}) {
        EXPECT_TRUE(errorOf([&] { placeOfOwnFile(fresh, name); })) << name;
    }
    EXPECT_EQ(placeOfOwnFile(fresh, "repositories/a/folder"),
              fresh.path() + "/repositories/a/folder");
}

}  // namespace
}  // namespace coffer
