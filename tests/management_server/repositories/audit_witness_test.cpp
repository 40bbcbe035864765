#include "management_server/repositories/audit_witness.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "core/trust/private_file.h"
#include "tests/support/expect_error.h"
#include "tests/support/memory_folder.h"

namespace coffer {
namespace {

struct Witness : testing::Test {
    Witness() {
        std::filesystem::create_directory(folder / "server");
        repositories.create("main", folder / "main");
    }

    void fill(int count) {
        for (int i = 0; i < count; ++i) log.add("ann", {"user-added", "bob"});
    }
    // As it was after so many records.
    void setBack(int number) {
        database.change([&](SqlDatabase& db) {
            db.execute("DELETE FROM audit WHERE number>" + std::to_string(number));
        });
    }
    RememberedHead remembered() { return witness.remembered().at(0); }

    MemoryFolder folder;
    ManualClock clock;
    std::unique_ptr<Disk> disk = makeSystemDisk();
    ServerDatabase database{folder / "server.db"};
    ServerRepositories repositories{database, *disk, folder / "server", clock};
    AuditLog log{database, clock, [] { return std::string(); }};
    const SecretKey key = SecretKey::random();
    AuditWitness witness{log, repositories, key};
    const std::string file = folder / "main/audit-head";
};

TEST_F(Witness, RemembersTheHead) {
    witness.note();
    EXPECT_EQ(remembered().head, AuditHead{});
    fill(3);
    witness.note();
    EXPECT_EQ(remembered().head, log.head());
    EXPECT_EQ(remembered().by, "repository main");
    fill(2);
    witness.note();
    EXPECT_EQ(remembered().head.number, 5U);
    EXPECT_EQ(remembered().head, log.head());
}

TEST_F(Witness, IsNotTalkedIntoAnotherHistory) {
    fill(5);
    witness.note();
    const AuditHead head = log.head();
    setBack(3);
    witness.note();
    EXPECT_EQ(remembered().head, head);
    clock.advance(1);
    fill(10);  // longer than what was cut off
    witness.note();
    EXPECT_EQ(remembered().head, head);
    EXPECT_TRUE(log.verify(remembered().head).bad);
}

TEST_F(Witness, BelievesOnlyItsOwnSeal) {
    fill(3);
    witness.note();
    const std::string text = readTextFile(file);
    for (std::size_t at = 0; at < text.size(); ++at) {
        std::string bad = text;
        bad[at] ^= 1;
        writePrivateFile(file, bad);
        EXPECT_TRUE(remembered().problem) << at;
    }
    writePrivateFile(file, "");
    EXPECT_TRUE(remembered().problem);
    writePrivateFile(file, text);
    EXPECT_FALSE(remembered().problem);
    const AuditWitness stranger(log, repositories, SecretKey::random());
    EXPECT_TRUE(stranger.remembered().at(0).problem);
}

TEST_F(Witness, LeavesTheFolderOfARemovedRepositoryAlone) {
    fill(1);
    witness.note();
    repositories.remove("main", {clock.now(), clock.now(), "ann"}, [](SqlDatabase&) {});
    std::filesystem::remove(file);
    fill(1);
    witness.note();
    EXPECT_FALSE(std::filesystem::exists(file));
    EXPECT_TRUE(witness.remembered().empty());
}

TEST_F(Witness, DoesNotDisturbTheRepository) {
    fill(1);
    witness.note();
    EXPECT_EQ(repositories.open("main")->ledger().snapshots().size(), 0U);
}

}  // namespace
}  // namespace coffer
