#include "management_server/server/server_settings.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "tests/support/expect_error.h"
#include "tests/support/scratch_folder.h"

namespace coffer {
namespace {

class Settings : public testing::Test {
  protected:
    std::string write(const std::string& name, const std::string& text) const {
        std::ofstream(folder / name) << text;
        return folder / name;
    }

    ScratchFolder folder;
};

TEST_F(Settings, haveDefaults) {
    const ServerSettings settings = ServerSettings::read({folder / "absent"});
    EXPECT_EQ(settings.listen.text(), "0.0.0.0:2424");
    EXPECT_TRUE(settings.hosts.empty());
    EXPECT_EQ(settings.sessions.idleSeconds, 7'200);
    EXPECT_EQ(settings.sessions.ageSeconds, 172'800);
    EXPECT_EQ(settings.store.unverified, 4ULL << 30);
    EXPECT_EQ(settings.log.level, LogLevel::info);
    EXPECT_EQ(settings.graceSeconds, 7 * 86'400);
}

TEST_F(Settings, whatIsPrintedIsWhatIsRead) {
    const std::string file = write("server.ini", SettingsFile::commented(ServerSettings::rules()));
    EXPECT_EQ(ServerSettings::read({file}).listen.text(), "0.0.0.0:2424");
}

TEST_F(Settings, ofALaterFileCount) {
    const std::string first =
        write("first", "[server]\nlisten = 127.0.0.1:1\nhosts = a, b\n[log]\nlevel = debug\n");
    const std::string second = write("second", "[server]\nlisten = 127.0.0.1:2\n");
    const ServerSettings settings = ServerSettings::read({first, second});
    EXPECT_EQ(settings.listen.text(), "127.0.0.1:2");
    EXPECT_EQ(settings.hosts, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(settings.log.level, LogLevel::debug);
}

TEST_F(Settings, thatMakeNoSenseAreRefusedByNameAndFile) {
    const std::string good = write("good", "[runs]\nkept = 500\n");
    for (const auto& [text, name] : {std::pair{"[server]\nlisten = a b\n", "server.listen"},
                                     {"[server]\nlisten = localhost:99999\n", "server.listen"},
                                     {"[sessions]\nidle-minutes = 0\n", "sessions.idle-minutes"},
                                     {"[sessions]\nage-hours = soon\n", "sessions.age-hours"},
                                     {"[log]\nlevel = loud\n", "log.level"},
                                     {"[store]\nunverified-gib = -1\n", "store.unverified-gib"},
                                     {"[retention]\ngrace-days = 4000\n", "retention.grace-days"},
                                     {"[runs]\nof-repository = 0\n", "runs.of-repository"},
                                     {"[server]\nport = 1\n", "server.port"}}) {
        const std::string bad = write("bad", text);
        const auto error = errorOf([&] { ServerSettings::read({good, bad}); });
        ASSERT_TRUE(error) << text;
        EXPECT_EQ(error->code(), ErrorCode::invalidArgument);
        const std::string message = error->what();
        EXPECT_NE(message.find(name), std::string::npos) << message;
        EXPECT_NE(message.find(bad), std::string::npos) << message;
    }
}

TEST_F(Settings, haveDefaultsThatTheirFormsAllow) {
    std::set<std::string> names;
    for (const SettingRule& rule : ServerSettings::rules()) {
        EXPECT_TRUE(names.insert(rule.name).second) << rule.name;
        EXPECT_NO_THROW(checkSetting(rule, rule.value)) << rule.name;
        EXPECT_FALSE(rule.comment.empty()) << rule.name;
    }
}

TEST_F(Settings, thatLeadToSecretsOrOpenDoorsBelongToTheFile) {
    for (const SettingRule& rule : ServerSettings::rules()) {
        const bool isDoor = rule.isSecret() || rule.form.type == SettingType::path ||
                            rule.name.ends_with(".listen") || rule.name.starts_with("ldap.") ||
                            rule.name.starts_with("second-person.") ||
                            rule.name == "retention.grace-days";
        EXPECT_TRUE(!isDoor || rule.use == SettingUse::fileOnly) << rule.name;
    }
}

// A row of docs/settings.md.
std::string rowOf(const SettingRule& rule) {
    const std::string range = rule.form.range();
    const std::string takes = range.empty() ? std::string(nameOf(rule.form.type)) : range;
    const char* counts = rule.use == SettingUse::live      ? "at once"
                         : rule.use == SettingUse::atStart ? "after the next start"
                                                           : "`server.ini` alone";
    const std::string usual = rule.value.empty() ? "" : "`" + rule.value + "`";
    return "| `" + rule.name + "` | " + usual + " | " + takes + " | " + counts + " |\n";
}

TEST_F(Settings, areAllInTheDocument) {
    std::string table;
    for (const SettingRule& rule : ServerSettings::rules()) table += rowOf(rule);
    std::ifstream in(COFFER_SOURCE_FOLDER "/docs/settings.md");
    std::ostringstream document;
    document << in.rdbuf();
    EXPECT_NE(document.str().find(table), std::string::npos)
        << "docs/settings.md has another table than\n"
        << table;
}

}  // namespace
}  // namespace coffer
