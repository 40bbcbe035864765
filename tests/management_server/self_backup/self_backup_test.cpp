#include "management_server/self_backup/self_backup.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "core/repository/server_backup.h"
#include "core/storage/memory_store.h"
#include "management_server/database/columns.h"
#include "management_server/events/event_recorder.h"
#include "management_server/self_backup/database_copy.h"
#include "tests/support/expect_error.h"
#include "tests/support/full_disk.h"
#include "tests/support/memory_folder.h"

namespace coffer {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t minute = 60;

/// A disk that takes its time to say how much room there is for the repository, or fails then.
class SlowDisk : public FullDisk {
  public:
    SlowDisk(Disk& inner, ManualClock& clock) : FullDisk(inner), clock_(clock) {}

    std::int64_t slow = 0;  // seconds
    bool fails = false;     // after them

    std::optional<std::uint64_t> freeSpace(const std::string& path) override {
        if (path.ends_with("/main")) {
            clock_.advance(slow);
            if (fails) throw Error(ErrorCode::ioError, "it does not answer");
        }
        return FullDisk::freeSpace(path);
    }

  private:
    ManualClock& clock_;
};

class SelfBackupTest : public testing::Test {
  protected:
    SelfBackupTest() {
        fs::create_directory(folder / "server");
        repositories.create("main", folder / "main");
        begin();
    }

    void begin(SelfBackup::Settings settings = {5 * minute, 3, {}}) {
        backup.reset();
        backup.emplace(SelfBackup::Parts{database, repositories, events, clock, disk,
                                         folder / "server.db", [this] { return files; }},
                       std::move(settings));
    }

    void change() { events.add("something", "", ""); }

    // The housekeeping of so many minutes; how often it saved.
    int wait(int minutes) {
        int saved = 0;
        for (int i = 0; i < minutes; ++i) {
            clock.advance(minute);
            if (backup->saveIfDue()) ++saved;
        }
        return saved;
    }

    std::vector<ServerBackupInfo> in(const std::string& name) {
        LocalStore store(disk, folder / name);
        return serverBackups(store);
    }

    int count(const std::string& kind) {
        int number = 0;
        for (const RecordedEvent& event : events.since(0, 1'000)) number += event.kind == kind;
        return number;
    }

    std::map<std::string, Bytes> newestIn(const std::string& name) {
        const auto repository = repositories.open(name);
        std::map<std::string, Bytes> content;
        readServerBackup(
            repository->store(), in(name).back(), repository->config(),
            RootKey::fromSeed(repository->kit().rootSeed),
            [&](const std::string& file, ByteView part) { append(content[file], part); });
        return content;
    }

    MemoryFolder folder;
    ManualClock clock{1'700'000'000};
    const std::unique_ptr<Disk> system = makeSystemDisk();
    SlowDisk disk{*system, clock};
    ServerDatabase database{folder / "server.db"};
    ServerRepositories repositories{database, disk, folder / "server", clock};
    EventRecorder events{database, clock};
    std::vector<OwnFile> files{{"authority.key", "secret"}};
    std::optional<SelfBackup> backup;
};

TEST_F(SelfBackupTest, SavesSomeMinutesAfterAChangeAndNotAgain) {
    EXPECT_EQ(wait(5), 0);  // noticed after the first
    EXPECT_EQ(wait(1), 1);
    EXPECT_EQ(in("main").size(), 1U);
    EXPECT_EQ(wait(60), 0);
    change();
    EXPECT_EQ(wait(5), 0);
    change();  // puts nothing off
    EXPECT_EQ(wait(1), 1);
    EXPECT_EQ(in("main").size(), 2U);
    EXPECT_EQ(wait(60), 0);
}

TEST_F(SelfBackupTest, HoldsTheDatabaseAndTheFiles) {
    change();
    wait(6);
    const auto content = newestIn("main");
    EXPECT_EQ(content.at("authority.key"), toBytes(bytesOf("secret")));
    EXPECT_EQ(content.at(repositoryFile), toBytes(bytesOf("main")));
    {
        const auto writer = system->create(folder / "copy.db");
        writer->write(content.at(databaseFile));
    }
    ServerDatabase copy(folder / "copy.db");
    EXPECT_EQ(EventRecorder(copy, clock).newest(), events.newest());
    EXPECT_FALSE(fs::exists(folder / "server.db.copy"));
}

TEST_F(SelfBackupTest, WhatIsOnlyNotedIsNoChange) {
    wait(6);
    database.note([](SqlDatabase& db) {
        db.execute("INSERT INTO notify_state(name, number) VALUES(x'61', 1)");
    });
    EXPECT_EQ(wait(60), 0);
}

TEST_F(SelfBackupTest, KeepsTheNewest) {
    for (int i = 0; i < 7; ++i) {
        change();
        wait(6);
    }
    const auto there = in("main");
    ASSERT_EQ(there.size(), 3U);
    EXPECT_EQ(there.back().number, 7U);
    begin({5 * minute, 1, {}});  // a restart, and another setting
    EXPECT_EQ(wait(6), 1);
    ASSERT_EQ(in("main").size(), 1U);
    EXPECT_EQ(in("main").back().number, 8U);
}

TEST_F(SelfBackupTest, ThoseOfAFormerServerStay) {
    const auto saveAgain = [&](int times) {
        for (int i = 0; i < times; ++i) {
            change();
            wait(6);
        }
    };
    saveAgain(2);
    database.change([](SqlDatabase& db) { db.execute("DELETE FROM self_backups"); });  // a new one
    saveAgain(5);
    std::vector<std::uint64_t> numbers;
    for (const ServerBackupInfo& one : in("main")) numbers.push_back(one.number);
    EXPECT_EQ(numbers, (std::vector<std::uint64_t>{1, 2, 5, 6, 7}));
    // Where the folder is cleared, numbers begin anew.
    for (const auto& entry : fs::directory_iterator(folder / "main/server")) {
        fs::remove(entry.path());
    }
    saveAgain(4);
    EXPECT_EQ(in("main").size(), 3U);
}

TEST_F(SelfBackupTest, SavesWhatHasChangedWhenTheServerStops) {
    backup->start();
    backup->stop();
    EXPECT_EQ(in("main").size(), 1U);
    backup->stop();
    EXPECT_EQ(in("main").size(), 1U);
    begin();
    wait(6);
    EXPECT_EQ(in("main").size(), 2U);
    backup->start();
    backup->stop();
    EXPECT_EQ(in("main").size(), 2U);
}

TEST_F(SelfBackupTest, StopsThoughTheDatabaseCannotBeRead) {
    backup->start();
    database.change([](SqlDatabase& db) { db.execute("DROP TABLE repositories"); });
    EXPECT_NO_THROW(backup->stop());
    EXPECT_TRUE(in("main").empty());
}

TEST_F(SelfBackupTest, ARepositoryThatIsAwayIsToldOnceAndTriedAgain) {
    repositories.create("usb", folder / "usb");
    fs::rename(folder / "usb", folder / "away");
    EXPECT_EQ(wait(6), 1);
    EXPECT_EQ(in("main").size(), 1U);
    EXPECT_EQ(count("server-not-saved"), 1);
    EXPECT_GE(wait(20), 3);
    EXPECT_EQ(count("server-not-saved"), 1);
    fs::rename(folder / "away", folder / "usb");
    wait(6);
    EXPECT_EQ(in("usb").size(), 1U);
    EXPECT_EQ(count("server-saved"), 1);
    wait(6);  // the event was a change
    EXPECT_EQ(wait(60), 0);
}

TEST_F(SelfBackupTest, RestsForWhatItHasWorkedAndNotForWhatFailed) {
    disk.slow = minute;
    disk.fails = true;
    EXPECT_EQ(wait(6), 1);
    EXPECT_EQ(wait(6), 1);
    EXPECT_TRUE(in("main").empty());
    disk.fails = false;
    EXPECT_EQ(wait(6), 1);
    EXPECT_EQ(in("main").size(), 1U);
    change();
    EXPECT_EQ(wait(98), 0);
    EXPECT_EQ(wait(2), 1);
}

TEST_F(SelfBackupTest, AFullDiskIsToldAndLeftAlone) {
    disk.setFree(70 << 20);
    EXPECT_EQ(wait(6), 1);
    EXPECT_EQ(in("main").size(), 1U);
    disk.setFree(1 << 20);
    change();
    EXPECT_EQ(wait(6), 1);
    EXPECT_EQ(in("main").size(), 1U);
    EXPECT_EQ(count("server-not-saved"), 1);
    disk.setFree(70 << 20);
    wait(6);
    EXPECT_GE(in("main").size(), 2U);
    EXPECT_EQ(count("server-saved"), 1);
}

TEST_F(SelfBackupTest, OnlyTheRepositoriesThatAreNamed) {
    repositories.create("second", folder / "second");
    begin({5 * minute, 3, {"second"}});
    wait(6);
    EXPECT_TRUE(in("main").empty());
    EXPECT_EQ(in("second").size(), 1U);
}

TEST_F(SelfBackupTest, ARepositoryThatWasTakenOverIsLeftAlone) {
    wait(6);
    MemoryStore state;
    LocalStore store(disk, folder / "main");
    Repository::adopt({store, state, folder / "server", clock}, repositories.open("main")->kit());
    change();
    wait(6);
    EXPECT_EQ(in("main").size(), 1U);
    EXPECT_EQ(count("server-not-saved"), 1);
}

TEST_F(SelfBackupTest, AClockThatIsSetBackDoesNotHoldItUp) {
    wait(6);
    clock.advance(-10 * 365 * 86'400);
    change();
    EXPECT_EQ(wait(6), 1);
}

TEST_F(SelfBackupTest, ACopyOfTheDatabaseWaitsForNobody) {
    change();
    const auto before = events.newest();
    database.change([&](SqlDatabase& db) {
        db.execute("DELETE FROM events");  // not committed yet
        const DatabaseCopy copy(disk, folder / "server.db");
        SqlDatabase copied(copy.path(), false);
        SqlStatement row = copied.prepare("SELECT max(number) FROM events");
        ASSERT_TRUE(row.step());
        EXPECT_EQ(static_cast<std::uint64_t>(row.integer(0)), before);
    });
}

}  // namespace
}  // namespace coffer
