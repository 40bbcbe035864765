// settings: list, show, set, reset, history, export, import.

#include "core/rpc/convert.h"
#include "core/trust/private_file.h"
#include "tests/management_panel/cli/cli_fixture.h"

namespace coffer::cli {
namespace {

class SettingsVerbs : public CliFixture {
  protected:
    SettingsVerbs() {
        server_.settings.length(2);
        fill(server_.settings[0], "runs.at-once", "7", "7", "panel");
        server_.settings[0].live = true;
        server_.settings[0].version = 4;
        server_.settings[0].changed = rpc::toMoment({1'700'000'000, 0});
        server_.settings[0].changedBy = "ann";
        fill(server_.settings[1], "runs.callers", "3", "2", "file");
        server_.settings[1].more = rpc::toSettings({{"file", "/etc/server.ini"}});
    }

    static void fill(Coffer::SettingInfo& setting, const char* name, const char* value,
                     const char* inForce, const char* origin) {
        setting.name = name;
        setting.type = "number";
        setting.unit = "runs";
        setting.range = "1 to 10 runs";
        setting.doc = "How many.\nOf all.";
        setting.usual = "2";
        setting.value = value;
        setting.inForce = inForce;
        setting.origin = origin;
        setting.live = setting.fileOnly = setting.secret = false;
        setting.version = 0;
        setting.changed = rpc::unknownMoment();
    }
};

TEST_F(SettingsVerbs, areListed) {
    EXPECT_EQ(run({"settings"}), exitSuccess);
    for (const char* text : {"runs.at-once", "7", "panel", "after the next start"}) {
        EXPECT_NE(out_.find(text), std::string::npos) << out_;
    }
    const Json setting = json({"settings"})[1];
    EXPECT_EQ(setting["pending"], true);
    EXPECT_EQ(setting["file"], "/etc/server.ini");
    EXPECT_EQ(setting["changed"], Json());
    EXPECT_EQ(setting["default"], "2");
}

TEST_F(SettingsVerbs, areShownWithWhatTheyMean) {
    EXPECT_EQ(run({"settings", "show", "runs.callers"}), exitSuccess);
    for (const char* text : {"1 to 10 runs", "How many.\nOf all.\n", "2, until the next start"}) {
        EXPECT_NE(out_.find(text), std::string::npos) << out_;
    }
    EXPECT_EQ(json({"settings", "show", "runs.at-once"})["version"], 4);
    EXPECT_EQ(run({"settings", "show", "runs.none"}), exitFailed);
}

TEST_F(SettingsVerbs, changeWhatTheyHaveSeen) {
    EXPECT_EQ(run({"settings", "set", "runs.at-once", "8"}), exitSuccess);
    EXPECT_NE(out_.find("at once"), std::string::npos) << out_;
    EXPECT_EQ(run({"settings", "set", "runs.callers", "", "--version-is", "2"}), exitSuccess);
    EXPECT_NE(out_.find("after the next start"), std::string::npos) << out_;
    EXPECT_EQ(run({"settings", "reset", "runs.at-once"}), exitSuccess);
    EXPECT_EQ(server_.calls,
              (Calls{"set runs.at-once [8] 4", "set runs.callers [] 2", "reset runs.at-once 4"}));
}

TEST_F(SettingsVerbs, haveAHistory) {
    server_.settingHistory.length(1);
    Coffer::SettingRecord& record = server_.settingHistory[0];
    record.number = 9;
    record.time = rpc::toMoment({1'700'000'000, 0});
    record.user = "ann";
    record.name = "runs.at-once";
    record.before = "2";
    record.after = "7";
    record.origin = "panel";
    EXPECT_EQ(run({"settings", "history"}), exitSuccess);
    EXPECT_NE(out_.find("ann"), std::string::npos) << out_;
    EXPECT_EQ(json({"settings", "history", "runs.at-once", "-n", "0"})[0]["after"], "7");
    EXPECT_EQ(server_.calls, (Calls{"history [] 0 50", "history [runs.at-once] 0 1000"}));
}

TEST_F(SettingsVerbs, areExportedAndImported) {
    EXPECT_EQ(run({"settings", "export"}), exitSuccess);
    EXPECT_EQ(out_, "[runs]\n\nat-once = 7\n");
    server_.settingChanges.length(1);
    server_.settingChanges[0].name = "runs.at-once";
    server_.settingChanges[0].before = rpc::toStrings({"7"});
    server_.settingChanges[0].after = rpc::toStrings({"9"});
    const std::string file = scratch_ / "settings.ini";
    writePrivateFile(file, "text");
    EXPECT_EQ(run({"settings", "import", file, "--dry-run"}), exitSuccess);
    EXPECT_EQ(out_, "- runs.at-once = 7\n+ runs.at-once = 9\nNothing was changed.\n");
    EXPECT_EQ(json({"settings", "import", file})["done"], true);
    EXPECT_EQ(server_.calls, (Calls{"importText text dry", "importText text"}));
}

}  // namespace
}  // namespace coffer::cli
