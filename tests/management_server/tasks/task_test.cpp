#include "management_server/tasks/task.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "management_server/tasks/task_manager.h"
#include "management_server/tasks/task_text.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

TaskSettings backup(TaskSettings more = {}) {
    more.try_emplace("source", std::vector<std::string>{"laptop:/home"});
    return more;
}

void refused(const TaskSettings& settings, const char* says,
             ErrorCode code = ErrorCode::invalidArgument) {
    expectError(
        code, [&] { Task("office", settings); }, says);
}

TEST(TaskTest, SourcesOfOneAgentAreOnePart) {
    const Task task(
        "office",
        backup({{"source", {"laptop:/home", "nas:/srv", "laptop:/etc", "laptop:/home/ann"}},
                {"exclude", {"*.tmp"}},
                {"compression", {"9"}},
                {"one-file-system", {"yes"}}}));
    ASSERT_EQ(task.parts().size(), 2U);
    EXPECT_EQ(task.parts()[0].agent, "laptop");
    EXPECT_EQ(task.parts()[0].paths, (std::vector<std::string>{"/etc", "/home"}));
    EXPECT_EQ(task.parts()[1].paths, std::vector<std::string>{"/srv"});
    EXPECT_EQ(task.choice(task.parts()[1]).patterns, std::vector<std::string>{"*.tmp"});
    EXPECT_EQ(task.options(), (RunTexts{{"compression", "9"}, {"one-file-system", "yes"}}));
    EXPECT_EQ(task.repository(), "main");
    EXPECT_TRUE(task.hasAgent("nas"));
    EXPECT_FALSE(task.hasAgent("desk"));
    EXPECT_TRUE(task.timetables().empty());
    EXPECT_FALSE(task.attachPause());
}

TEST(TaskTest, OtherKindsHaveOnePart) {
    const Task restore("back", {{"kind", {"restore"}},
                                {"path", {"/home/ann"}},
                                {"target", {"laptop:/tmp/back"}},
                                {"overwrite", {"older"}}});
    ASSERT_EQ(restore.parts().size(), 1U);
    EXPECT_EQ(restore.parts()[0].agent, "laptop");
    const Task verify("check", {{"kind", {"verify"}}, {"depth", {"sample=10"}}});
    ASSERT_EQ(verify.parts().size(), 1U);
    EXPECT_EQ(verify.parts()[0].agent, "");
    EXPECT_EQ(std::string_view(Task("p", {{"kind", {"prune"}}}).kind()), run_kind::prune);
}

TEST(TaskTest, AComponentMakesASynchronisationNoEasierToStart) {
    const Task task("mirror", {{"kind", {"synchronise"}},
                               {"component", {"north/mail"}},
                               {"source", {"payroll:/a"}},
                               {"target", {"nas:/b"}}});
    const std::vector<RightOver> rights = rightsToStart(task);
    ASSERT_EQ(rights.size(), 3U);
    for (const RightOver& needed : rights) EXPECT_EQ(needed.scope.component, Scope{}.component);
    EXPECT_EQ(rights[0].scope.agent, "payroll");
    EXPECT_EQ(rights[2].scope.agent, "nas");
}

// Who has a component alone could otherwise have any agent read, and run, what he likes.
TEST(TaskTest, AComponentMakesNoAgentEasierToBackUp) {
    const TaskSettings settings{{"component", {"north/mail"}}, {"source", {"payroll:/etc"}}};
    const auto takes = [](const Task& task, Right right) {
        const auto isIt = [&](const RightOver& needed) {
            return needed.right == right && needed.scope.component.empty() &&
                   needed.scope.agent == "payroll";
        };
        const auto needed = rightsToEnter(task);
        return std::ranges::any_of(needed, isIt);
    };
    EXPECT_TRUE(takes(Task("mail", settings), Right::run));
    EXPECT_FALSE(takes(Task("mail", settings), Right::manageTasks));
    TaskSettings hooked = settings;
    hooked["hook-before"] = {"/bin/dump all"};
    EXPECT_TRUE(takes(Task("mail", hooked), Right::manageTasks));
    for (const RightOver& needed : rightsToStart(Task("mail", hooked))) {
        EXPECT_EQ(needed.scope.component, "north/mail") << "others start it by its component";
    }
}

TEST(TaskTest, ASynchronisationIsAboutTwoFoldersOfAgents) {
    const Task task("mirror", {{"kind", {"synchronise"}},
                               {"source", {"laptop:/a"}},
                               {"target", {"nas:/b"}},
                               {"delete", {"yes"}},
                               {"exclude", {"*.tmp"}},
                               {"include", {"x", "y"}}});
    EXPECT_EQ(task.repository(), "");
    EXPECT_EQ(task.parts().size(), 1U);
    const RunRecord run = task.syncRunOf("ann");
    EXPECT_EQ(run.what, std::vector<std::string>{"laptop:/a"});
    EXPECT_EQ(run.target, "nas:/b");
    EXPECT_EQ(run.options.at("delete"), "yes");
    EXPECT_EQ(run.options.at("include"), "x\ny");
    EXPECT_EQ(run.patterns, std::vector<std::string>{"*.tmp"});
    const auto with = [](const char* key, std::vector<std::string> values) {
        TaskSettings settings{
            {"kind", {"synchronise"}}, {"source", {"laptop:/a"}}, {"target", {"nas:/b"}}};
        settings[key] = std::move(values);
        return settings;
    };
    refused({{"kind", {"synchronise"}}, {"target", {"nas:/b"}}},
            "source: a synchronisation has one");
    refused(with("source", {"a:/1", "a:/2"}), "source: a synchronisation has one");
    refused(with("target", {"/b"}), "write AGENT:/path");
    refused(with("target", {"laptop:/a/b"}), "one within the other");
    refused(with("repository", {"main"}), "no setting of a synchronise");
    refused(with("most-deletions", {"101"}), "from 0 to 100");
}

TEST(TaskTest, AReplicaGoesToAFolderOfTheServer) {
    const Task copy("copy", {{"kind", {"replicate"}},
                             {"target", {"/media/disk"}},
                             {"verify", {"yes"}},
                             {"limit", {"08:00-18:00=500K,none"}}});
    ASSERT_EQ(copy.parts().size(), 1U);
    EXPECT_EQ(copy.parts()[0].agent, "");
    EXPECT_EQ(copy.options(), (RunTexts{{"verify", "yes"}, {"limit", "08:00-18:00=500K,none"}}));
    refused({{"kind", {"replicate"}}}, "target: a replica needs one");
    refused({{"kind", {"replicate"}}, {"target", {"laptop:/x"}}}, "of a folder of the server");
    refused({{"kind", {"replicate"}}, {"target", {"/a/../b"}}}, "task office");
    refused({{"kind", {"replicate"}}, {"target", {"/x"}}, {"limit", {"fast"}}}, "task office");
    refused({{"kind", {"restore"}}, {"target", {"/x"}}}, "target: write AGENT:/path");
}

TEST(TaskTest, ACopyGoesToAnotherRepository) {
    const Task copy("copy", {{"kind", {"copy"}},
                             {"to", {"offsite"}},
                             {"choose", {"all"}},
                             {"only-agent", {"laptop"}},
                             {"only-tag", {"monthly"}}});
    ASSERT_EQ(copy.parts().size(), 1U);
    EXPECT_EQ(copy.copyTarget(), "offsite");
    EXPECT_EQ(copy.options(),
              (RunTexts{{"choose", "all"}, {"only-agent", "laptop"}, {"only-tag", "monthly"}}));
    EXPECT_EQ(Task("office", backup()).copyTarget(), "");
    refused({{"kind", {"copy"}}}, "to: a copy needs another repository");
    refused({{"kind", {"copy"}}, {"to", {"main"}}}, "to: is the repository itself");
    refused({{"kind", {"copy"}}, {"to", {"x"}}, {"choose", {"oldest"}}}, "newest, all");
    refused(backup({{"to", {"x"}}}), "to: is no setting of a backup");
}

TEST(TaskTest, OnlyTheLatestIsChosenByAgentOrTag) {
    TaskSettings wanted{
        {"kind", {"rehearsal"}}, {"only-agent", {"laptop"}}, {"only-tag", {"full"}}};
    EXPECT_EQ(Task("prove", wanted).options(),
              (RunTexts{{"only-agent", "laptop"}, {"only-tag", "full"}}));
    wanted["snapshot"] = {"1f3a"};
    refused(wanted, "only-agent and only-tag choose the latest");
}

TEST(TaskTest, ASlashAtTheEndOfAFolderIsNotPartOfIt) {
    const Task office("office", {{"source", {"laptop:/home/", "laptop:/"}}});
    EXPECT_EQ(office.settings().at("source"),
              (std::vector<std::string>{"laptop:/home", "laptop:/"}));
    const Task back("back",
                    {{"kind", {"restore"}}, {"path", {"/home//"}}, {"target", {"nas:/b/"}}});
    EXPECT_EQ(back.settings().at("path"), std::vector<std::string>{"/home"});
    EXPECT_EQ(back.setting("target"), "nas:/b");
}

TEST(TaskTest, RetentionIsThatOfTheKeepKeys) {
    EXPECT_FALSE(Task("office", backup()).retention().any());
    EXPECT_EQ(Task("office", backup({{"keep-last", {"3"}},
                                     {"keep-hourly", {"24"}},
                                     {"keep-daily", {"7"}},
                                     {"keep-weekly", {"5"}},
                                     {"keep-monthly", {"12"}},
                                     {"keep-yearly", {"2"}},
                                     {"keep-within", {"30d"}}}))
                  .retention(),
              (RetentionRules{.last = 3,
                              .hourly = 24,
                              .daily = 7,
                              .weekly = 5,
                              .monthly = 12,
                              .yearly = 2,
                              .within = 30 * 86'400}));
    refused({{"kind", {"prune"}}, {"keep-last", {"1"}}}, "keep-last: is no setting of a prune");
}

TEST(TaskTest, UnknownKeysNameTheNearestOne) {
    refused(backup({{"shedule", {"daily at 21:30"}}}),
            "there is no setting 'shedule'; did you mean 'schedule'?");
    refused(backup({{"Exclude", {"*.o"}}}), "did you mean 'exclude'?");
    refused(backup({{"frobnicate", {"1"}}}), "there is no setting 'frobnicate'");
}

TEST(TaskTest, ValuesThatMakeNoSenseAreNamed) {
    refused({}, "task office: source: a backup needs at least one");
    refused({{"source", {"laptop"}}}, "source: 'laptop': write AGENT:/path");
    refused({{"source", {"laptop:/a/../b"}}}, "task office");
    refused({{"kind", {"bakcup"}}}, "kind 'bakcup': is one of: backup restore verify");
    refused({{"kind", {"verify"}}, {"source", {"laptop:/home"}}},
            "source: is no setting of a verify");
    refused(backup({{"compression", {"20"}}}), "option 'compression' is a number from 1 to 19");
    refused(backup({{"one-file-system", {"true"}}}), "option 'one-file-system' is one of: yes, no");
    refused(backup({{"schedule", {"daily at 25:00"}}}),
            "schedule: 'daily at 25:00': '25:00' is no time");
    refused(backup({{"zone", {"Europe/Berlim"}}}), "no time zone", ErrorCode::notFound);
    refused(backup({{"spread", {"25h"}}}), "is longer than a day");
    refused(backup({{"catch-up", {"soon"}}}), "no length of time");
    refused(backup({{"enabled", {"maybe"}}}), "write yes or no");
    refused(backup({{"enabled", {"yes", "no"}}}), "enabled: is to be set once");
    refused(backup({{"component", {"office//servers"}}}), "with '/' between the parts");
    refused(backup({{"exclude", {""}}}), "is empty; leave it out instead");
    refused(backup({{"comment", {"two\nlines"}}}), "a value has one line");
    refused(backup({{"after", {"office"}}}), "a task does not follow itself");
    refused({{"kind", {"restore"}}}, "target: a restore needs one");
    refused({{"source", std::vector<std::string>(2'001, "laptop:/home")}}, "more than 2,000 times");
    for (const char* name : {"", "a b", "a/b", "ä", "x=y"}) {
        expectError(
            ErrorCode::invalidArgument, [&] { Task(name, backup()); }, "is no name of a task");
    }
}

TEST(TaskTest, ValuesThatMakeNoSenseNameTheirKey) {
    for (const auto& [key, value] : std::map<std::string, std::string>{
             {"priority", "101"}, {"window", "mon 20:00-20:05"}, {"keep-last", "-1"}}) {
        refused(backup({{key, {value}}}), key.c_str());
    }
}

TEST(TaskTest, FiltersAndPaceGoToTheRun) {
    const RunTexts wanted{{"include", "*.odt\n/home/ann/"},
                          {"exclude-larger-than", "4G"},
                          {"exclude-older-than", "365d"},
                          {"bandwidth", "08:00-18:00=500K,none"},
                          {"read-rate", "20M"},
                          {"nice", "10"},
                          {"ionice", "idle"}};
    TaskSettings settings = backup({{"include", {"*.odt", "/home/ann/"}}});
    for (const auto& [key, value] : wanted) {
        if (key != "include") settings[key] = {value};
    }
    EXPECT_EQ(Task("office", settings).options(), wanted);
    refused(backup({{"include", {"*.odt", "[a"}}}), "include");
    refused(backup({{"exclude-larger-than", {"big"}}}), "exclude-larger-than");
    refused(backup({{"exclude-older-than", {"old"}}}), "exclude-older-than");
    refused(backup({{"bandwidth", {"fast"}}}), "bandwidth");
    refused(backup({{"nice", {"20"}}}), "0 to 19");
    refused({{"kind", {"verify"}}, {"nice", {"5"}}}, "nice: is no setting of a verify");
}

TEST(TaskTest, HooksGoToTheRun) {
    const RunTexts wanted{{"hook-before", "/etc/coffer/hooks/dump --all 'my base'"},
                          {"hook-after-success", "/etc/coffer/hooks/tell"},
                          {"hook-after-failure", "/etc/coffer/hooks/tell"},
                          {"hook-time-limit", "90s"}};
    TaskSettings settings = backup();
    for (const auto& [key, value] : wanted) settings[key] = {value};
    EXPECT_EQ(Task("office", settings).options(), wanted);
    refused(backup({{"hook-before", {"dump"}}}), "hook-before: a command begins with");
    refused(backup({{"hook-after-success", {"/bin/x 'y"}}}), "a quote of a command is not closed");
    refused(backup({{"hook-time-limit", {"0s"}}}), "a time from 1s to 24h");
    refused(backup({{"hook-time-limit", {"25h"}}}), "a time from 1s to 24h");
    refused({{"kind", {"verify"}}, {"hook-before", {"/bin/x"}}}, "is no setting of a verify");
}

TEST(TaskTest, LimitsAndRetries) {
    const Task task("office", backup({{"time-limit", {"6h"}}, {"retry-count", {"3"}}}));
    EXPECT_EQ(task.timeLimit(), 21'600);
    EXPECT_EQ(task.retryCount(), 3);
    EXPECT_EQ(task.retryPause(), 600);
    EXPECT_EQ(Task("o", backup({{"retry-pause", {"90s"}}})).retryPause(), 90);
    EXPECT_FALSE(Task("o", backup()).timeLimit());
    EXPECT_EQ(Task("o", backup()).retryCount(), 0);
    refused(backup({{"time-limit", {"0m"}}}), "time-limit: '0m': leaves no time at all");
    refused(backup({{"retry-count", {"101"}}}), "is no number from 0 to 100");
    refused(backup({{"retry-pause", {"soon"}}}), "no length of time");
}

TEST(TaskTest, TellsByMailOfWhatIsAskedFor) {
    const auto told = [](const char* when, RunState end) {
        return Task("o", backup({{"mail", {"ann@x.org", "bob@x.org"}}, {"mail-when", {when}}}))
            .mailTo(end);
    };
    const std::vector<std::string> both = {"ann@x.org", "bob@x.org"};
    EXPECT_EQ(told("always", RunState::succeeded), both);
    EXPECT_EQ(told("problems", RunState::warnings), both);
    EXPECT_EQ(told("failed", RunState::failed), both);
    EXPECT_TRUE(told("problems", RunState::succeeded).empty());
    EXPECT_TRUE(told("problems", RunState::cancelled).empty());
    EXPECT_TRUE(told("failed", RunState::warnings).empty());
    const Task some("o", backup({{"mail", {"ann@x.org", "bob@x.org"}}}));
    EXPECT_EQ(some.mailTo(RunState::cancelled, overTimeMessage("6h")), both);
    EXPECT_TRUE(some.mailTo(RunState::cancelled, "bob has stopped it").empty());
    EXPECT_TRUE(Task("o", backup()).mailTo(RunState::failed).empty());
    refused(backup({{"mail", {"ann"}}}), "no address");
    refused(backup({{"mail-when", {"never"}}}), "failed, problems or always");
}

TEST(TaskTest, TimesAndTriggers) {
    const Task task("office", backup({{"schedule", {"daily at 21:30"}},
                                      {"zone", {"Europe/Berlin"}},
                                      {"on-attach", {"12h"}}}));
    const auto times = task.preview({1'780'000'000, 0}, 1);
    ASSERT_EQ(times.size(), 1U);
    EXPECT_EQ(toIso8601(times.front()), "2026-05-29T19:30:00Z");
    EXPECT_EQ(task.attachPause(), 43'200);
    EXPECT_EQ(Task("o", backup({{"on-attach", {"yes"}}})).attachPause(), 0);
}

TEST(TaskTest, GoesByTheClocksOfItsAgents) {
    const auto zoneOf = [](const std::string& agent) {
        return agent == "laptop" ? "Europe/Berlin" : agent == "nas" ? "America/New_York" : "../x";
    };
    const Task task("office",
                    backup({{"source", {"laptop:/a", "nas:/b", "old:/c"}},
                            {"schedule", {"daily at 21:30"}},
                            {"zone", {"agent"}}}),
                    zoneOf);
    EXPECT_EQ(task.zoneAt("laptop"), "Europe/Berlin");
    EXPECT_EQ(task.zoneAt("nas"), "America/New_York");
    EXPECT_EQ(task.zoneAt("old"), "");
    EXPECT_EQ(task.zoneAt("strange"), "");
    EXPECT_EQ(task.timetables().size(), 3U);
    const auto times = task.timetables().at("nas").preview({1'780'000'000, 0}, 1);
    EXPECT_EQ(toIso8601(times.at(0)), "2026-05-29T01:30:00Z");
    EXPECT_EQ(task.preview({1'780'000'000, 0}, 2).size(), 2U);
    refused({{"kind", {"prune"}}, {"zone", {"agent"}}}, "zone: it has no agent to go by");
}

TEST(TaskTextTest, ComesBackTheSame) {
    const TaskSettings settings = backup({{"source", {"laptop:/home", "nas:/a = b;c"}},
                                          {"schedule", {"daily at 21:30"}},
                                          {"comment", {"; [x] = y"}}});
    EXPECT_EQ(readPlainTaskText(plainTaskText(settings)), settings);
    const std::string text = taskText("office", settings);
    EXPECT_EQ(readTaskTexts(text), (TaskTexts{{"office", settings}}));
    EXPECT_EQ(readTaskTexts(text + "\n\n" + taskText("other", {{"kind", {"prune"}}})).size(), 2U);
    EXPECT_NE(text.find("\n; When it is due"), std::string::npos) << text;
    EXPECT_NE(text.find("\n;compression = 2\n"), std::string::npos) << text;
    EXPECT_EQ(text.find("overwrite"), std::string::npos) << "no setting of a backup";
}

TEST(TaskTextTest, WhatAnotherProgramKeptIsReadAndRefusedByTheTask) {
    const TaskSettings settings = readPlainTaskText("source = laptop:/home\nmood = good\n");
    EXPECT_EQ(settings.at("mood"), std::vector<std::string>{"good"});
    expectError(
        ErrorCode::invalidArgument, [&] { Task("odd", settings); }, "there is no setting 'mood'");
}

TEST(TaskTextTest, WrongLinesAreNamed) {
    const auto wrong = [](const char* text, const char* says) {
        expectError(
            ErrorCode::invalidArgument, [&] { readTaskTexts(text); }, says);
    };
    wrong("kind = backup\n", "line 1: a setting before any [task NAME]");
    wrong("; x\n[tusk a]\n", "line 2: write [task NAME]");
    wrong("[task a]\nkind\n", "line 2: 'kind' is neither");
    wrong("[task a]\nknid = backup\n", "line 2: there is no setting 'knid'; did you mean 'kind'?");
    wrong("[task a]\n[task a]\n", "line 2: task 'a' comes twice");
    EXPECT_TRUE(readTaskTexts("").empty());
}

}  // namespace
}  // namespace coffer
