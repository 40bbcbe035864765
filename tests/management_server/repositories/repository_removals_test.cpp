#include "management_server/repositories/repository_removals.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "core/repository/store_mark.h"
#include "core/repository/write_session.h"
#include "core/trust/private_file.h"
#include "tests/support/expect_error.h"
#include "tests/support/memory_folder.h"
#include "tests/support/test_repository.h"

namespace coffer {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t day = 86'400;

class Removals : public testing::Test {
  protected:
    Removals() {
        fs::create_directory(folder / "server");
        reopen();
        repositories->create("main", folder / "r");
    }

    /// As a server that starts again.
    void reopen() {
        removals.reset();
        repositories.reset();
        repositories.emplace(database, *disk, folder / "server", clock);
        repositories->enterForgotten();
        removals.emplace(RepositoryRemovals::Parts{
            .repositories = *repositories,
            .events = events,
            .audit = audit,
            .clock = clock,
            .graceSeconds = 7 * day,
            .tasks = [this](const std::string&) { return tasks; },
            .requireNoRun =
                [this](SqlDatabase&, const std::string&) {
                    if (running) throw Error(ErrorCode::conflict, "run 3 uses it");
                },
            .endRequests = [](SqlDatabase&, const std::string&) {},
            .forget =
                [this](SqlDatabase&, const std::string&) {
                    if (dying) throw Error(ErrorCode::internal, "killed");
                },
            .gone = [this](const std::string& name) { gone.push_back(name); }});
    }

    void confirmKit() {
        kit = repositories->open("main")->kit();
        repositories->open("main")->confirmKit(*kit);
    }

    SnapshotId commit(const std::string& content) {
        const auto repository = repositories->open("main");
        const AgentIdentity agent = AgentIdentity::random();
        repository->enrol(agent.id, agent.sign.verifyKey());
        const AgentKeys keys = repository->agentKeys(agent);
        WriteSession session(*repository, keys.agentId, std::nullopt);
        const std::vector<TestChunk> chunks = {treeChunk(content, {})};
        const SealedSnapshot snapshot =
            sealedSnapshot(keys, writePack(session, keys, chunks).chunks[0]);
        session.commit(snapshot);
        return snapshot.registration.id;
    }

    static void lock(Repository& repository, const SnapshotId& id, Timestamp until) {
        repository.mark(id, [&](SnapshotMark& mark) { mark.lockedUntil = until; });
    }

    void remove(const RemovalOrder& order = {}) {
        confirmKit();
        removals->remove("ann", "main", order);
    }

    // In the folder.
    void leaveOnly(const std::vector<std::string>& names) {
        for (const auto& entry : fs::directory_iterator(folder / "r")) {
            if (std::ranges::count(names, entry.path().filename().string()) == 0)
                fs::remove_all(entry);
        }
    }

    void enterAsBegun() {
        database.change([](SqlDatabase& db) {
            db.execute(
                "REPLACE INTO repositories(name, folder) SELECT CAST('main' AS BLOB), folder FROM"
                " kept_folder");
            db.execute("REPLACE INTO removals SELECT * FROM kept_removals");
        });
    }

    // With the housekeeping's look each minute.
    void beUp(std::int64_t minutes) {
        for (std::int64_t i = 0; i < minutes; ++i) {
            removals->look();
            clock.advance(60);
        }
    }

    void letTimePass() {
        clock.advance(7 * day + 1);
        beUp(60);
        removals->deleteDue();
    }

    std::string lastEvent() { return events.since(0, 100).back().text; }

    std::string own(const std::string& name) const {
        return folder / ("server/repositories/main" + name);
    }

    std::vector<std::string> told() {
        std::vector<std::string> kinds;
        for (const RecordedEvent& event : events.since(0, 100)) kinds.push_back(event.kind);
        return kinds;
    }

    MemoryFolder folder;
    ManualClock clock;
    std::unique_ptr<Disk> disk = makeSystemDisk();
    ServerDatabase database{folder / "server.db"};
    EventRecorder events{database, clock};
    AuditLog audit{database, clock, [] { return std::string(); }};
    std::vector<std::string> tasks;
    bool running = false;
    bool dying = false;
    std::vector<std::string> gone;
    std::optional<RecoveryKit> kit;
    std::optional<ServerRepositories> repositories;
    std::optional<RepositoryRemovals> removals;
};

TEST_F(Removals, KeepEverybodyOut) {
    remove();
    expectError(
        ErrorCode::conflict, [&] { repositories->open("main"); },
        "is removed until 2001-09-16T01:46:40Z: 'coffer repo keep main' takes it back");
    EXPECT_TRUE(repositories->inService().empty());
    ASSERT_TRUE(repositories->get("main").removal);
    EXPECT_EQ(repositories->get("main").removal->user, "ann");
    EXPECT_TRUE(repositories->ownFacts("main").value().kitConfirmed);
    expectError(ErrorCode::alreadyExists, [&] { repositories->create("main", folder / "new"); });
    expectError(ErrorCode::invalidArgument, [&] { repositories->create("new", folder / "r"); });
    EXPECT_EQ(told(), std::vector<std::string>{"repository-removed"});
    removals->deleteDue();
    EXPECT_EQ(repositories->list().size(), 1U);  // not yet
    reopen();
    expectError(ErrorCode::conflict, [&] { repositories->open("main"); });
}

TEST_F(Removals, AreTakenBackInTime) {
    removals->keep("bob", "main");  // of one that is not removed
    EXPECT_TRUE(told().empty());
    remove();
    clock.advance(7 * day - 1);
    removals->keep("bob", "main");
    EXPECT_FALSE(fs::exists(own("/removed")));
    repositories->open("main");
    EXPECT_EQ(told(), (std::vector<std::string>{"repository-removed", "repository-kept"}));
    clock.advance(30 * day);
    removals->deleteDue();
    repositories->open("main");
    removals->remove("ann", "main", {});  // and again
    clock.advance(7 * day);
    removals->keep("bob", "main");  // nobody has begun
    repositories->open("main");
    expectError(ErrorCode::notFound, [&] { removals->keep("bob", "none"); });
}

TEST_F(Removals, EndWithNothingButTheFolderAndItsKit) {
    remove();
    letTimePass();
    EXPECT_TRUE(repositories->list().empty());
    EXPECT_FALSE(fs::exists(own("")));
    EXPECT_EQ(gone, std::vector<std::string>{"main"});
    EXPECT_EQ(told().back(), "repository-gone");
    EXPECT_EQ(audit.after(0, 10).back().change.action, "repository-gone");
    reopen();
    EXPECT_TRUE(repositories->list().empty());
    repositories->adopt("again", folder / "r", *kit);
    EXPECT_EQ(repositories->open("again")->config().repositoryId, kit->repositoryId);
}

TEST_F(Removals, AreRefusedWhileSomethingNeedsIt) {
    const auto refused = [&](const char* why, const RemovalOrder& order = {}) {
        expectError(
            ErrorCode::conflict, [&] { removals->remove("ann", "main", order); }, why);
    };
    refused("recovery kit was never confirmed");
    confirmKit();
    tasks = {"a", "b", "c", "d", "e", "f", "g"};
    refused("tasks name it: a, b, c, d, e and 2 more");
    running = true;
    refused("run 3", {.despiteTasks = true});
    expectError(
        ErrorCode::conflict, [&] { removals->require("main", {.despiteTasks = true}); }, "run 3");
    EXPECT_FALSE(repositories->get("main").removal);
    EXPECT_TRUE(told().empty());
    running = false;
    removals->remove("ann", "main", {.despiteTasks = true});
    refused("is removed until", {.despiteTasks = true});
    expectError(ErrorCode::notFound, [&] { removals->remove("ann", "none", {}); });
}

// Who deletes the data needs no kit to read it.
TEST_F(Removals, DeleteTheDataWhenAsked) {
    std::ofstream(folder / "r/letter.txt") << "not the server's";
    removals->remove("ann", "main", {.deleteData = true});
    EXPECT_TRUE(fs::exists(folder / "r/config"));
    letTimePass();
    EXPECT_TRUE(repositories->list().empty());
    std::vector<std::string> left;
    for (const auto& entry : fs::directory_iterator(folder / "r")) {
        left.push_back(entry.path().filename());
    }
    EXPECT_EQ(left, std::vector<std::string>{"letter.txt"});
}

TEST_F(Removals, AreRefusedTheDataOfLockedSnapshots) {
    confirmKit();
    const SnapshotId id = commit("letter");
    Timestamp until = clock.now();
    until.seconds += 10 * day;
    lock(*repositories->open("main"), id, until);
    const auto remove = [&] { removals->remove("ann", "main", {.deleteData = true}); };
    expectError(ErrorCode::conflict, remove, "locked, the last of them until 2001-09-19");
    expectError(ErrorCode::conflict, remove, id.hex());
    // What is away may hold locks.
    ASSERT_TRUE(repositories->close("main"));
    fs::rename(folder / "r", folder / "away");
    expectError(ErrorCode::notFound, remove);
    fs::rename(folder / "away", folder / "r");
    removals->remove("ann", "main", {});  // they stay with the folder
    removals->keep("bob", "main");
    clock.advance(10 * day);
    remove();
    EXPECT_TRUE(repositories->get("main").removal->deleteData);
}

TEST_F(Removals, LeaveAReplicaInItsPlace) {
    removals->remove("ann", "main", {.deleteData = true});
    ASSERT_TRUE(repositories->close("main"));
    LocalStore store(*disk, folder / "r");
    writeStoreMark(store,
                   {StoreId{{1}}, repositories->ownFacts("main")->id, StoreMark::Kind::replica});
    letTimePass();
    EXPECT_NE(lastEvent().find("a replica lies in"), std::string::npos);
    EXPECT_TRUE(fs::exists(folder / "r/config"));
}

TEST_F(Removals, LeaveWhatIsAnothers) {
    removals->remove("ann", "main", {.deleteData = true});
    fs::rename(folder / "r", folder / "moved");
    repositories->create("other", folder / "o");
    const RepositoryId other = repositories->open("other")->config().repositoryId;
    repositories->close("other");
    fs::rename(folder / "o", folder / "r");
    letTimePass();
    EXPECT_EQ(repositories->list().size(), 1U);
    EXPECT_NE(lastEvent().find("another repository lies in"), std::string::npos);
    fs::rename(folder / "r", folder / "o");
    EXPECT_EQ(repositories->open("other")->config().repositoryId, other);
}

TEST_F(Removals, LeaveWhatAnotherServerHasTakenOver) {
    confirmKit();
    removals->remove("ann", "main", {.deleteData = true});
    ASSERT_TRUE(repositories->close("main"));
    fs::create_directory(folder / "second");
    ServerDatabase database2{folder / "second.db"};
    ServerRepositories second(database2, *disk, folder / "second", clock);
    second.adopt("main", folder / "r", *kit);
    letTimePass();
    EXPECT_NE(lastEvent().find("another server has taken it over"), std::string::npos);
    EXPECT_EQ(second.open("main")->config().repositoryId, kit->repositoryId);
}

TEST_F(Removals, OfOneWhoseFolderIsGone) {
    ASSERT_TRUE(repositories->close("main"));
    fs::remove_all(folder / "r");
    // Nothing was ever stored in it, for its kit was never confirmed.
    removals->remove("ann", "main", {.deleteData = true});
    letTimePass();
    EXPECT_FALSE(repositories->get("main").removal->begun);  // it may only be away
    letTimePass();
    EXPECT_TRUE(repositories->list().empty());
    EXPECT_NE(lastEvent().find("there is no repository in"), std::string::npos);
}

TEST_F(Removals, WaitForAFolderThatIsAway) {
    removals->remove("ann", "main", {.deleteData = true});
    ASSERT_TRUE(repositories->close("main"));
    fs::rename(folder / "r", folder / "away");
    letTimePass();
    EXPECT_EQ(repositories->list().size(), 1U);
    fs::rename(folder / "away", folder / "r");
    removals->deleteDue();
    EXPECT_TRUE(repositories->list().empty());
    EXPECT_FALSE(fs::exists(folder / "r"));
}

TEST_F(Removals, WaitForWhoStillReads) {
    confirmKit();
    auto reader = repositories->open("main");
    removals->remove("ann", "main", {});
    letTimePass();
    EXPECT_TRUE(fs::exists(own("/state/server-keys")));
    EXPECT_EQ(repositories->list().size(), 1U);
    EXPECT_FALSE(reader->config().repositoryId.hex().empty());
    reader.reset();
    removals->deleteDue();
    EXPECT_TRUE(repositories->list().empty());
}

// Killed behind each step: the next start does the rest, and nothing comes back.
TEST_F(Removals, GoOnWhereTheyWereCut) {
    const std::vector<std::function<void()>> cuts = {
        [] {},  // begun, and nothing done
        [&] { fs::remove_all(folder / "r/packs"); },
        [&] { fs::remove_all(folder / "r/owner"); },
        [&] {
            leaveOnly({"store", "keys", "README.txt", "config", "lock"});
        },
        [&] {
            leaveOnly({"config", "lock"});
        },
        [&] { leaveOnly({"lock"}); },
        [&] { fs::remove_all(folder / "r"); },
        [&] { fs::remove_all(own("/state")); },
        [&] { fs::remove_all(own("/databases")); },
        [&] { fs::remove_all(own("/folder")); },
        [&] { fs::remove_all(own("/removed")); },
        [&] { fs::remove_all(own("")); },
    };
    removals->remove("ann", "main", {.deleteData = true});
    ASSERT_TRUE(repositories->close("main"));
    fs::copy(folder / "server", folder / "kept", fs::copy_options::recursive);
    fs::copy(folder / "r", folder / "kept-r", fs::copy_options::recursive);
    dying = true;
    letTimePass();  // begins, does it, and dies before server.db has forgotten it
    dying = false;
    ASSERT_EQ(repositories->list().size(), 1U);
    EXPECT_TRUE(repositories->list().at(0).removal->begun);
    EXPECT_EQ(told(), std::vector<std::string>{"repository-removed"});
    EXPECT_TRUE(audit.after(0, 10).empty());
    database.change([](SqlDatabase& db) {
        db.execute("CREATE TEMP TABLE kept_folder AS SELECT folder FROM repositories");
        db.execute("CREATE TEMP TABLE kept_removals AS SELECT * FROM removals");
    });
    for (std::size_t at = 0; at < cuts.size(); ++at) {
        SCOPED_TRACE(at);
        for (const char* path : {"server", "r"}) fs::remove_all(folder / path);
        fs::copy(folder / "kept", folder / "server", fs::copy_options::recursive);
        fs::copy(folder / "kept-r", folder / "r", fs::copy_options::recursive);
        for (std::size_t step = 0; step <= at; ++step) cuts[step]();
        enterAsBegun();
        reopen();
        removals->deleteDue();  // what has begun waits for no hour
        EXPECT_TRUE(repositories->list().empty());
        EXPECT_FALSE(fs::exists(own("")));
        EXPECT_FALSE(fs::exists(folder / "r/config"));
        EXPECT_FALSE(fs::exists(folder / "r/packs"));
        EXPECT_EQ(told().back(), "repository-gone");
        EXPECT_NE(lastEvent().find("what lay in"), std::string::npos) << lastEvent();
        EXPECT_EQ(audit.after(0, 100).back().change.after.at("data"), "deleted");
        EXPECT_EQ(audit.head().number, at + 1);
        reopen();
        EXPECT_TRUE(repositories->list().empty());
    }
}

TEST_F(Removals, AreDoneByTheNextStartWhenServerDbAloneKnows) {
    remove();
    fs::remove(own("/removed"));
    reopen();
    letTimePass();
    EXPECT_TRUE(repositories->list().empty());
}

// Of a server that was off, was restored, or whose clock was wrong: nobody could have said keep.
TEST_F(Removals, WaitUntilSomebodyCouldHaveKeptThem) {
    remove();
    clock.advance(10 * day);
    reopen();
    removals->look();
    removals->deleteDue();
    EXPECT_EQ(repositories->list().size(), 1U);
    beUp(59);
    removals->deleteDue();
    EXPECT_EQ(repositories->list().size(), 1U);
    clock.advance(10 * day);  // a clock that jumps, and back
    removals->deleteDue();
    clock.advance(-20 * day);
    removals->deleteDue();
    EXPECT_FALSE(repositories->get("main").removal->begun);
    beUp(60);
    removals->deleteDue();
    EXPECT_EQ(repositories->list().size(), 1U);  // the time itself counts, too
    clock.advance(10 * day);
    beUp(60);
    removals->keep("bob", "main");  // although its time is over
    repositories->open("main");
    EXPECT_EQ(told().back(), "repository-kept");
}

// What was due is not what is due when its turn comes.
TEST_F(Removals, AreLookedAtOnceMoreWhenTheirTurnComes) {
    remove();
    ASSERT_TRUE(repositories->close("main"));
    expectError(
        ErrorCode::conflict, [&] { repositories->deleteData("main", [] { return false; }); },
        "not to be deleted any more");
    EXPECT_FALSE(repositories->get("main").removal->begun);
}

TEST_F(Removals, StopBetweenTwoFiles) {
    removals->remove("ann", "main", {.deleteData = true});
    ASSERT_TRUE(repositories->close("main"));
    fs::create_directories(folder / "r/packs");
    for (const char* name : {"a", "b", "c"}) std::ofstream(folder / "r/packs/" + name) << "pack";
    clock.advance(8 * day);
    int asked = 0;
    expectError(ErrorCode::cancelled,
                [&] { repositories->deleteData("main", [&] { return ++asked == 3; }); });
    EXPECT_TRUE(fs::exists(folder / "r/packs"));
    EXPECT_TRUE(repositories->deleteData("main", [] { return false; }).deleted);
    EXPECT_FALSE(fs::exists(folder / "r"));
}

// A lock that who still had it open has made behind the removal.
TEST_F(Removals, LeaveWhatWasLockedSince) {
    confirmKit();
    const SnapshotId id = commit("letter");
    {
        const auto late = repositories->open("main");
        removals->remove("ann", "main", {.deleteData = true});
        Timestamp until = clock.now();
        until.seconds += 30 * day;
        lock(*late, id, until);
    }
    letTimePass();
    EXPECT_TRUE(repositories->list().empty());
    EXPECT_NE(lastEvent().find("stays: snapshots in it are locked"), std::string::npos);
    EXPECT_EQ(audit.after(0, 10).back().change.after.at("data"), "stays");
    EXPECT_TRUE(fs::exists(folder / "r/config"));
}

TEST_F(Removals, AreToldWithAllTheyMean) {
    removals->remove("ann", "main", {.deleteData = true});
    EXPECT_NE(lastEvent().find("and all its data in " + (folder / "r")), std::string::npos);
    EXPECT_NE(lastEvent().find("coffer repo keep main"), std::string::npos);
    EXPECT_EQ(events.since(0, 100).back().more.at("data"), "will be deleted");
}

// The row counts; the file is written by the next start.
TEST_F(Removals, DoNotFailForTheirFile) {
    confirmKit();
    fs::create_directories(own("/removed/in-its-way"));
    removals->remove("ann", "main", {});
    EXPECT_EQ(told(), std::vector<std::string>{"repository-removed"});
}

TEST_F(Removals, ThatHaveBegunAreNotTakenBackWhenTheClockIsSetBack) {
    remove();
    dying = true;
    letTimePass();
    dying = false;
    clock.advance(-30 * day);
    reopen();
    expectError(
        ErrorCode::notFound, [&] { removals->keep("bob", "main"); }, "that is over");
    removals->deleteDue();
    EXPECT_TRUE(repositories->list().empty());
}

TEST_F(Removals, AreRememberedWhereTheKeysLie) {
    remove();
    const Timestamp due = repositories->get("main").removal->due;
    const auto forget = [&] {
        database.change([](SqlDatabase& db) {
            db.execute("DELETE FROM repositories");
            db.execute("DELETE FROM removals");
        });
    };
    forget();
    reopen();
    ASSERT_TRUE(repositories->get("main").removal);
    EXPECT_EQ(repositories->get("main").removal->due, due);
    EXPECT_FALSE(repositories->get("main").removal->deleteData);
    forget();
    writePrivateFile(own("/removed"), "soon");
    reopen();
    EXPECT_TRUE(repositories->list().empty());  // nobody knows; the keys stay
    EXPECT_TRUE(fs::exists(own("/state/server-keys")));
}

TEST_F(Removals, ServerDbCountsWhereItKnows) {
    remove();
    fs::remove(own("/removed"));
    reopen();
    EXPECT_TRUE(fs::exists(own("/removed")));
    database.change([](SqlDatabase& db) { db.execute("DELETE FROM removals"); });
    reopen();
    EXPECT_FALSE(fs::exists(own("/removed")));
    repositories->open("main");
}

}  // namespace
}  // namespace coffer
