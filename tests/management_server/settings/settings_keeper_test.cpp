#include "management_server/settings/settings_keeper.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/expect_error.h"
#include "tests/support/scratch_folder.h"

namespace coffer {
namespace {

const std::vector<SettingRule> rules = {
    {"runs.at-once", "4", "How many.", numberForm(1, 10), SettingUse::live},
    {"runs.callers", "2", "Threads.", numberForm(1, 10), SettingUse::atStart},
    {"mail.password-file", "", "Where.", {SettingType::path}},
};

// As many threads as runs at least.
void check(const SettingsFile& file) {
    file.checkForms();
    if (file.number("runs.callers") > file.number("runs.at-once")) {
        throw Error(ErrorCode::invalidArgument, "runs.callers: more threads than runs");
    }
}

class Keeper : public testing::Test {
  protected:
    Keeper() { begin(); }

    void begin() {
        keeper.reset();
        keeper.emplace(SettingsKeeper::Parts{
            database, clock, rules, {file}, check, [this](const SettingsFile& now) {
                applied.push_back(now.text("runs.at-once"));
            }});
    }
    void write(const std::string& text) { std::ofstream(file) << text; }

    // Value, what is in force, origin.
    std::string stand(const std::string& name) {
        const KnownSetting known = keeper->get(name);
        return known.value + " " + known.inForce + " " + known.origin;
    }

    ScratchFolder folder;
    const std::string file = folder / "server.ini";
    ManualClock clock{1'700'000'000};
    ServerDatabase database{folder / "server.db"};
    std::vector<std::string> applied;
    std::optional<SettingsKeeper> keeper;
};

TEST_F(Keeper, AppliesWhatCountsAtOnce) {
    EXPECT_EQ(stand("runs.at-once"), "4 4 default");
    keeper->set("ann", "runs.at-once", "7", 0);
    EXPECT_EQ(stand("runs.at-once"), "7 7 panel");
    EXPECT_EQ(applied, (std::vector<std::string>{"7"}));
    keeper->set("ann", "runs.callers", "3", 0);
    EXPECT_EQ(stand("runs.callers"), "3 2 panel");
    begin();
    EXPECT_EQ(stand("runs.callers"), "3 3 panel");
    EXPECT_EQ(stand("runs.at-once"), "7 7 panel");
}

TEST_F(Keeper, GoesBackToTheFile) {
    write("[runs]\nat-once = 5\n");
    begin();
    EXPECT_EQ(stand("runs.at-once"), "5 5 file");
    EXPECT_EQ(keeper->get("runs.at-once").file, file);
    const auto version = keeper->set("ann", "runs.at-once", "6", 0);
    keeper->reset("bob", "runs.at-once", version);
    EXPECT_EQ(stand("runs.at-once"), "5 5 file");
}

TEST_F(Keeper, ReadsFilesThatLackWhatWasSet) {
    keeper->set("ann", "runs.at-once", "7", 0);
    write("[runs]\ncallers = 5\n");
    keeper->reload();
    EXPECT_EQ(stand("runs.callers"), "5 2 file");
    write("[runs]\ncallers = 8\n");
    expectError(
        ErrorCode::invalidArgument, [&] { keeper->reload(); }, "more threads");
    EXPECT_EQ(stand("runs.callers"), "5 2 file");
}

TEST_F(Keeper, LetsNobodyOverwriteWhatHeHasNotSeen) {
    const auto version = keeper->set("ann", "runs.at-once", "7", 0);
    expectError(
        ErrorCode::conflict, [&] { keeper->set("bob", "runs.at-once", "8", 0); }, "by ann");
    expectError(ErrorCode::conflict, [&] { keeper->reset("bob", "runs.at-once", 0); });
    EXPECT_GT(keeper->set("bob", "runs.at-once", "8", version), version);
    EXPECT_EQ(stand("runs.at-once"), "8 8 panel");
}

TEST_F(Keeper, RefusesWhatMakesNoSense) {
    expectError(
        ErrorCode::invalidArgument, [&] { keeper->set("ann", "runs.at-once", "11", 0); },
        "1 to 10");
    expectError(
        ErrorCode::invalidArgument, [&] { keeper->set("ann", "runs.callers", "5", 0); },
        "more threads");
    expectError(ErrorCode::notFound, [&] { keeper->set("ann", "runs.none", "5", 0); });
    expectError(
        ErrorCode::invalidArgument, [&] { keeper->set("ann", "mail.password-file", "/s", 0); },
        "server.ini alone");
    EXPECT_TRUE(applied.empty());
    EXPECT_TRUE(keeper->history("", 0, 10).empty());
}

TEST_F(Keeper, DoesNotLetOneSettingTakeAwayAnother) {
    keeper->set("ann", "runs.callers", "4", 0);
    expectError(
        ErrorCode::invalidArgument, [&] { keeper->set("ann", "runs.at-once", "3", 0); },
        "more threads");
    EXPECT_EQ(stand("runs.callers"), "4 2 panel");
}

TEST_F(Keeper, RemembersWhoChangedWhat) {
    const auto first = keeper->set("ann", "runs.at-once", "7", 0);
    clock.advance(60);
    keeper->reset("bob", "runs.at-once", first);
    keeper->set("bob", "runs.callers", "1", 0);
    const auto all = keeper->history("", 0, 10);
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(all[0].name, "runs.callers");
    EXPECT_EQ(all[1].before + " " + all[1].after + " " + all[1].origin, "7 4 default");
    EXPECT_EQ(all[1].user, "bob");
    EXPECT_EQ(all[2].before + " " + all[2].after + " " + all[2].origin, "4 7 panel");
    EXPECT_EQ(all[2].time, (Timestamp{1'700'000'000, 0}));
    EXPECT_EQ(keeper->history("runs.at-once", 0, 10).size(), 2U);
    EXPECT_EQ(keeper->history("", all[1].number, 10).size(), 1U);
    EXPECT_EQ(keeper->history("", 0, 1).size(), 1U);
    EXPECT_EQ(keeper->get("runs.callers").made.version, all[0].number);
}

TEST_F(Keeper, ForgetsTheOldestChanges) {
    database.change([](SqlDatabase& db) {
        SettingTable table(db);
        for (std::uint64_t i = 0; i < keptSettingChanges + 5; ++i) {
            table.enter({0, {1, 0}, "ann", "runs.at-once", "1", "2", "panel"});
        }
    });
    database.read([](SqlDatabase& db) {
        SqlStatement count = db.prepare("SELECT count(*), min(number) FROM setting_changes");
        ASSERT_TRUE(count.step());
        EXPECT_EQ(count.integer(0), static_cast<std::int64_t>(keptSettingChanges));
        EXPECT_EQ(count.integer(1), 6);
    });
}

TEST_F(Keeper, FallsBackWhereTheDatabaseHasABadValue) {
    database.change([](SqlDatabase& db) {
        SettingTable(db).enter({0, {1, 0}, "ann", "runs.at-once", "4", "many", "panel"});
        SettingTable(db).enter({0, {1, 0}, "ann", "old.name", "4", "5", "panel"});
    });
    begin();
    EXPECT_EQ(stand("runs.at-once"), "4 4 default");
    EXPECT_NE(keeper->get("runs.at-once").problem.find("many"), std::string::npos);
    keeper->set("bob", "runs.at-once", "9", keeper->get("runs.at-once").made.version);
    EXPECT_EQ(stand("runs.at-once"), "9 9 panel");
    EXPECT_EQ(keeper->get("runs.at-once").problem, "");
}

TEST_F(Keeper, ExportsWhatItImports) {
    keeper->set("ann", "runs.at-once", "7", 0);
    const std::string text = keeper->exportText();
    EXPECT_NE(text.find("\nat-once = 7\n"), std::string::npos) << text;
    EXPECT_EQ(text.find("password-file"), std::string::npos) << text;
    EXPECT_TRUE(keeper->differences(text).empty());
    EXPECT_TRUE(keeper->importText("ann", text).empty());
}

TEST_F(Keeper, ImportsAllOrNothing) {
    const std::string good = "[runs]\nat-once = 8\ncallers = 8\n";
    const auto seen = keeper->differences(good);
    ASSERT_EQ(seen.size(), 2U);
    EXPECT_EQ(seen[0].name + " " + seen[0].before + " " + seen[0].after, "runs.at-once 4 8");
    EXPECT_EQ(stand("runs.at-once"), "4 4 default");
    for (const char* bad :
         {"[runs]\nat-once = 8\ncallers = 9\n", "[runs]\nat-once = 8\ncallers = x\n",
          "[runs]\nat-once = 8\nnone = 1\n", "[runs]\nat-once = 8\n[mail]\npassword-file = /x\n"}) {
        expectError(ErrorCode::invalidArgument, [&] { keeper->importText("ann", bad); });
    }
    EXPECT_EQ(stand("runs.at-once"), "4 4 default");
    EXPECT_EQ(keeper->importText("ann", good).size(), 2U);
    EXPECT_EQ(stand("runs.at-once"), "8 8 panel");
    EXPECT_EQ(stand("runs.callers"), "8 2 panel");
    EXPECT_EQ(keeper->history("", 0, 10).size(), 2U);
}

TEST_F(Keeper, ReadsItsFilesAnew) {
    write("[runs]\nat-once = 5\ncallers = 1\n");
    keeper->reload();
    EXPECT_EQ(stand("runs.at-once"), "5 5 file");
    EXPECT_EQ(stand("runs.callers"), "1 2 file");
    EXPECT_EQ(applied, (std::vector<std::string>{"5"}));
    write("[runs]\nat-once = 50\n");
    expectError(
        ErrorCode::invalidArgument, [&] { keeper->reload(); }, file);
    EXPECT_EQ(stand("runs.at-once"), "5 5 file");
}

TEST_F(Keeper, ShowsNoSecrets) {
    write("[mail]\npassword-file = /the/secret\n");
    begin();
    EXPECT_EQ(stand("mail.password-file"), "set set file");
}

}  // namespace
}  // namespace coffer
