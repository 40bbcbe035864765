// task list, show, add, edit, remove, enable, disable, run, preview, export, import.

#include "core/rpc/convert.h"
#include "core/trust/private_file.h"
#include "tests/management_panel/cli/cli_fixture.h"

namespace coffer::cli {
namespace {

class TaskVerbs : public CliFixture {
  protected:
    TaskVerbs() {
        server_.tasks.length(1);
        Coffer::TaskInfo& task = server_.tasks[0];
        task.name = "office";
        task.version = 4;
        using Setting = std::pair<const char*, const char*>;
        for (const auto& [name, value] :
             {Setting{"component", "office/servers"}, Setting{"schedule", "daily at 21:30"},
              Setting{"source", "laptop:/home"}, Setting{"source", "laptop:/etc"}}) {
            const CORBA::ULong at = task.definition.length();
            task.definition.length(at + 1);
            task.definition[at].name = name;
            task.definition[at].value = value;
        }
        task.changed = rpc::toMoment({1'700'000'000, 0});
        task.changedBy = "ann";
        task.lastStarted = rpc::unknownMoment();
        task.nextDue = rpc::toMoment({1'700'000'600, 0});
    }
};

TEST_F(TaskVerbs, areListedAndShown) {
    EXPECT_EQ(run({"task", "list"}), exitSuccess);
    for (const char* text : {"office", "office/servers", "daily at 21:30"}) {
        EXPECT_NE(out_.find(text), std::string::npos) << out_;
    }
    const Json task = json({"task", "list"})[0];
    EXPECT_EQ(task["settings"]["source"], (Json{"laptop:/home", "laptop:/etc"}));
    EXPECT_EQ(task["kind"], "backup");
    EXPECT_EQ(task["enabled"], true);
    EXPECT_EQ(task["nextDue"], "2023-11-14T22:23:20Z");
    EXPECT_TRUE(task["lastStarted"].is_null());
    EXPECT_EQ(run({"task", "show", "office"}), exitSuccess);
    EXPECT_NE(out_.find("laptop:/etc"), std::string::npos) << out_;
    EXPECT_EQ(json({"task", "show", "office"})["version"], 4);
    EXPECT_EQ(run({"task", "show", "nowhere"}), exitFailed);
    server_.tasks.length(0);
    EXPECT_EQ(run({"task", "list"}), exitSuccess);
    EXPECT_NE(out_.find("task add"), std::string::npos);
}

TEST_F(TaskVerbs, addTakesSettings) {
    EXPECT_EQ(run({"task", "add", "new", "source=laptop:/a", "source=laptop:/b=c",
                   "schedule=daily at 21:30"}),
              exitSuccess)
        << err_;
    EXPECT_EQ(server_.calls, Calls{"put new 0 schedule=daily at 21:30 source=laptop:/a "
                                   "source=laptop:/b=c"});
    EXPECT_EQ(run({"task", "add", "new", "source"}), exitFailed);
    EXPECT_EQ(run({"task", "add", "new"}), exitUsage);
    EXPECT_EQ(json({"task", "add", "new", "kind=prune"})["version"], 1);
}

TEST_F(TaskVerbs, editChangesWhatIsNamed) {
    EXPECT_EQ(run({"task", "edit", "office", "source=laptop:/srv", "component="}), exitSuccess);
    EXPECT_EQ(run({"task", "edit", "office", "compression=9", "--version-is", "3"}), exitSuccess);
    EXPECT_EQ(server_.calls,
              (Calls{"put office 4 schedule=daily at 21:30 source=laptop:/srv",
                     "put office 3 component=office/servers compression=9 schedule=daily at 21:30 "
                     "source=laptop:/home source=laptop:/etc"}));
}

TEST_F(TaskVerbs, removeEnableDisable) {
    EXPECT_EQ(run({"task", "remove", "office"}), exitSuccess);
    EXPECT_EQ(run({"task", "remove", "office", "--version-is", "2"}), exitSuccess);
    EXPECT_EQ(run({"task", "disable", "office"}), exitSuccess);
    EXPECT_EQ(json({"task", "enable", "office"})["version"], 8);
    EXPECT_EQ(server_.calls, (Calls{"remove office 4", "remove office 2", "enable office no",
                                    "enable office yes"}));
}

TEST_F(TaskVerbs, runTellsItsRunsOrWaits) {
    EXPECT_EQ(json({"task", "run", "office"})["runs"], Json{7});
    server_.runs[7] = {fake::Server::run(7, "backup", "running"),
                       fake::Server::run(7, "backup", "warnings")};
    EXPECT_EQ(run({"task", "run", "office", "--wait"}), exitWarnings);
}

TEST_F(TaskVerbs, runTellsOfAgentsThatAreLeftOut) {
    EXPECT_EQ(json({"task", "run", "office"})["notStarted"], 0);
    Coffer::Settings& definition = server_.tasks[0].definition;
    const CORBA::ULong at = definition.length();
    definition.length(at + 1);
    definition[at].name = "source";
    definition[at].value = "nas:/srv";
    EXPECT_EQ(run({"task", "run", "office"}), exitWarnings);
    EXPECT_EQ(out_, "run 7\n");
    EXPECT_NE(err_.find("at 1 of its 2 agents"), std::string::npos) << err_;
    EXPECT_EQ(run({"--json", "task", "run", "office"}), exitWarnings);
    EXPECT_EQ(Json::parse(out_)["notStarted"], 1);
}

TEST_F(TaskVerbs, previewOfATaskOrASchedule) {
    EXPECT_EQ(json({"task", "preview", "office", "-n", "2"}),
              (Json{"2023-11-14T22:13:20Z", "2023-11-14T22:14:20Z"}));
    EXPECT_EQ(run({"task", "preview", "--schedule", "daily at 21:30", "--zone", "UTC"}),
              exitSuccess);
    EXPECT_EQ(server_.calls, (Calls{"preview office 2", "previewSchedule daily at 21:30 [UTC] 5"}));
    EXPECT_EQ(run({"task", "preview"}), exitFailed);
    EXPECT_EQ(run({"task", "preview", "office", "-n", "0"}), exitUsage);
}

TEST_F(TaskVerbs, exportAndImport) {
    EXPECT_EQ(run({"task", "export", "office"}), exitSuccess);
    EXPECT_EQ(out_, "[task office]\n");
    server_.taskChanges.length(1);
    server_.taskChanges[0].name = "office";
    server_.taskChanges[0].change = "changed";
    server_.taskChanges[0].changes.length(1);
    Coffer::SettingChange& change = server_.taskChanges[0].changes[0];
    change.name = "schedule";
    change.before = rpc::toStrings({"daily at 21:30"});
    change.after = rpc::toStrings({"daily at 22:00"});
    EXPECT_EQ(run({"task", "import", "-", "--dry-run"}, "text"), exitSuccess) << err_;
    EXPECT_EQ(out_,
              "office: changed\n  - schedule = daily at 21:30\n  + schedule = daily at 22:00\n"
              "Nothing was changed.\n");
    writePrivateFile(scratch_ / "file", "other");
    const Json done = json({"task", "import", scratch_ / "file"});
    EXPECT_EQ(done["done"], true);
    EXPECT_EQ(done["tasks"][0]["settings"][0]["after"], Json{"daily at 22:00"});
    EXPECT_EQ(server_.calls, (Calls{"import text dry", "import other"}));
}

TEST_F(TaskVerbs, warnOfWhatTheServerDoesNotDo) {
    const auto warns = [&](std::vector<std::string> words) {
        EXPECT_EQ(run(std::move(words), "text"), exitSuccess) << err_;
        return err_.find("warning: task office: nobody gets the mail") != std::string::npos;
    };
    server_.taskChanges.length(1);
    server_.taskChanges[0].name = "office";
    EXPECT_FALSE(warns({"task", "edit", "office", "mail=ann@example"}));
    EXPECT_FALSE(warns({"task", "import", "-"}));
    server_.tasks[0].more = rpc::toSettings({{"warning", "nobody gets the mail"}});
    EXPECT_TRUE(warns({"task", "edit", "office", "mail=ann@example"}));
    EXPECT_FALSE(warns({"task", "add", "new", "kind=prune"}));
    EXPECT_TRUE(warns({"task", "import", "-"}));
    EXPECT_FALSE(warns({"task", "import", "-", "--dry-run"}));
    EXPECT_EQ(run({"task", "show", "office"}), exitSuccess);
    EXPECT_NE(out_.find("nobody gets the mail"), std::string::npos) << out_;
    EXPECT_EQ(json({"task", "show", "office"})["warning"], "nobody gets the mail");
    server_.taskChanges[0].name = "other";
    EXPECT_FALSE(warns({"task", "import", "-"}));
}

}  // namespace
}  // namespace coffer::cli
