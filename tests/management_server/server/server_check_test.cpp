#include "management_server/server/server_check.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "management_server/events/event_recorder.h"
#include "management_server/tasks/task_table.h"
#include "tests/management_server/server/server_fixture.h"

namespace coffer {
namespace {

namespace fs = std::filesystem;

class ServerChecked : public ServerFixture {
  protected:
    ServerChecked() {
        // Files are as old as they are.
        clock.advance(SystemClock().now().seconds - clock.now().seconds);
        initialise();
    }

    Findings check() {
        return checkServer(
            {state, {state.settingsFile()}, clock, [this](const std::string&) { return space; }});
    }

    void expectBad(const std::string& subject, FindingLevel level, const std::string& text) {
        int bad = 0;
        for (const Finding& finding : check()) {
            if (finding.level == FindingLevel::ok) continue;
            ++bad;
            EXPECT_EQ(finding.subject, subject) << finding.text;
            EXPECT_EQ(finding.level, level) << finding.text;
            EXPECT_NE(finding.text.find(text), std::string::npos) << finding.text;
            EXPECT_NE(finding.advice, "");
        }
        EXPECT_EQ(bad, 1);
    }

    Space space{1ULL << 40, 1ULL << 41};
};

TEST_F(ServerChecked, FindsANewServerWell) {
    for (const Finding& finding : check()) {
        EXPECT_EQ(finding.level, FindingLevel::ok) << finding.subject << ": " << finding.text;
    }
    EXPECT_GE(check().size(), 8U);
    // Beside one that runs, too.
    const FileLock lock = state.lock();
    EXPECT_EQ(worstOf(check()), FindingLevel::ok);
}

TEST_F(ServerChecked, NamesUnknownSettings) {
    std::ofstream(state.settingsFile(), std::ios::app) << "\n[server]\nlisten-on = x\n[x]\ny = 1\n";
    expectBad("settings", FindingLevel::error, "server.listen-on");
    expectBad("settings", FindingLevel::error, "x.y");
}

TEST_F(ServerChecked, NamesSettingsThatMakeNoSense) {
    std::ofstream(state.settingsFile(), std::ios::app) << "\n[runs]\nkept = many\n";
    expectBad("settings", FindingLevel::error, "runs.kept");
}

TEST_F(ServerChecked, NamesASecretThatIsMissing) {
    std::ofstream(state.settingsFile(), std::ios::app)
        << "\n[webhook]\nurls = https://hook.example/\nsecret-file = /nowhere/secret\n";
    expectBad("webhook.secret-file", FindingLevel::error, "/nowhere/secret");
}

TEST_F(ServerChecked, NamesTasksOfWhichNobodyGetsTheMail) {
    ServerDatabase(state.databaseFile()).change([](SqlDatabase& database) {
        TaskTable(database).put({"quiet", {{"mail-when", {"always"}}}, 1, {}, "ann", {}});
        TaskTable(database).put({"loud", {{"mail", {"ann@example.org"}}}, 1, {}, "ann", {}});
    });
    expectBad("mail of tasks", FindingLevel::warning, "no mail.server: loud");
    std::ofstream(state.settingsFile(), std::ios::app)
        << "\n[mail]\nserver = mail.example.org\nfrom = a@example.org\nto = b@example.org\n";
    EXPECT_EQ(worstOf(check()), FindingLevel::ok);
}

TEST_F(ServerChecked, NamesAFullDisk) {
    space = {100 << 20, 1ULL << 40};
    expectBad("space for the state", FindingLevel::error, "100 MiB");
}

TEST_F(ServerChecked, NamesAClockThatWasSetBack) {
    ServerDatabase database(state.databaseFile());
    clock.advance(3'600);
    EventRecorder(database, clock).add("something", "", "");
    clock.advance(-3'600);
    expectBad("clock", FindingLevel::error, "1 hour before the last event");
}

TEST_F(ServerChecked, NamesACertificateThatHasEnded) {
    clock.advance(91 * 86'400);
    expectBad("certificate of the server", FindingLevel::error, "ended");
}

TEST_F(ServerChecked, NamesAnAuthorityThatIsMissing) {
    fs::remove(state.authorityFile());
    expectBad("authority", FindingLevel::error, "authority.pem");
}

TEST_F(ServerChecked, NamesFilesThatOthersMayRead) {
    fs::permissions(state.storeKeyFile(), fs::perms::owner_read | fs::perms::group_read);
    expectBad("permissions", FindingLevel::error, "store.key");
}

TEST_F(ServerChecked, NamesADamagedDatabase) {
    fs::resize_file(state.databaseFile(), 5'000);
    expectBad("database", FindingLevel::error, "");
}

}  // namespace
}  // namespace coffer
