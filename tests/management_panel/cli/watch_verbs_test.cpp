// status, run log, and the filters and leases of events.

#include "core/rpc/convert.h"
#include "tests/management_panel/cli/cli_fixture.h"

namespace coffer::cli {
namespace {

class WatchVerbs : public CliFixture {
  protected:
    Coffer::SourceStatus& addSource(const char* id, const char* state) {
        auto& sources = server_.status.sources;
        sources.length(sources.length() + 1);
        Coffer::SourceStatus& source = sources[sources.length() - 1];
        source.id = id;
        source.agent = "laptop";
        source.repository = "main";
        source.what = rpc::toPaths({"/home"});
        source.componentPath = "office/laptop";
        source.state = state;
        source.cause = "because\x1b";
        source.action = std::string(state) == "protected" ? "" : "do something";
        source.since = source.lastGood = rpc::toMoment({1'700'000'000, 0});
        source.lastFailed = source.lastProven = rpc::unknownMoment();
        server_.status.total = sources.length();
        return source;
    }

    void setState(const char* state, unsigned troubled) {
        server_.status.state = state;
        server_.status.time = rpc::toMoment({1'700'000'000, 0});
        server_.status.components.length(1);
        server_.status.components[0].path = "";
        server_.status.components[0].state = state;
        server_.status.components[0].sources = server_.status.sources.length();
        server_.status.components[0].troubled = troubled;
    }

    void addEvent(CORBA::ULongLong number) {
        Coffer::Event event;
        event.number = number;
        event.time = rpc::toMoment({1'700'000'000, 0});
        event.kind = "run-ended";
        event.text = "it ended";
        server_.events.push_back(event);
    }
};

TEST_F(WatchVerbs, theExitCodeSaysWhetherAllIsProtected) {
    addSource("0011", "protected");
    setState("protected", 0);
    EXPECT_EQ(run({"status"}), exitSuccess);
    EXPECT_EQ(out_, "protected: 1 source\n");
    EXPECT_EQ(run({"status", "--all"}), exitSuccess);
    EXPECT_NE(out_.find("laptop:/home"), std::string::npos) << out_;
    addSource("0022", "late");
    setState("late", 1);
    EXPECT_EQ(run({"status", "--component", "office"}), exitFailed);
    EXPECT_NE(out_.find("late: 1 of 2 sources not protected"), std::string::npos) << out_;
    EXPECT_NE(out_.find("-> do something"), std::string::npos) << out_;
    EXPECT_EQ(out_.find("0011"), std::string::npos) << out_;
    EXPECT_EQ(out_.find('\x1b'), std::string::npos);
    EXPECT_EQ(server_.calls.back(), "report office");
}

TEST_F(WatchVerbs, whatIsKnownIsShownOnRequest) {
    addSource("0011", "late").more = rpc::toSettings({{"acknowledged-by", "ann"},
                                                      {"acknowledged-reason", "on holiday"},
                                                      {"acknowledged-until", "2030-01-01"}});
    setState("protected", 0);
    EXPECT_EQ(run({"status"}), exitSuccess);
    EXPECT_EQ(out_.find("holiday"), std::string::npos) << out_;
    EXPECT_EQ(run({"status", "-a"}), exitSuccess);
    EXPECT_NE(out_.find("known to ann until 2030-01-01: on holiday"), std::string::npos) << out_;
}

TEST_F(WatchVerbs, componentsAreShownWorstWins) {
    addSource("0011", "failing");
    setState("failing", 1);
    auto& components = server_.status.components;
    components.length(3);
    components[1].path = "office";
    components[1].state = "failing";
    components[1].sources = 2;
    components[1].troubled = 1;
    components[2].path = "home";
    components[2].state = "protected";
    components[2].sources = 4;
    components[2].troubled = 0;
    EXPECT_EQ(run({"status"}), exitFailed);
    EXPECT_NE(out_.find("\noffice     failing        2              1\n"), std::string::npos)
        << out_;
    EXPECT_EQ(out_.find("\nhome"), std::string::npos) << out_;
    EXPECT_EQ(run({"status", "--all"}), exitFailed);
    EXPECT_NE(out_.find("\nhome       protected        4              0\n"), std::string::npos)
        << out_;
}

TEST_F(WatchVerbs, statusIsADocument) {
    addSource("0011", "failing");
    setState("failing", 1);
    server_.status.uncovered.length(1);
    server_.status.uncovered[0].agent = "laptop";
    server_.status.uncovered[0].mountPoint = "/srv";
    server_.status.uncovered[0].type = "ext4";
    server_.status.uncovered[0].size = 1'048'576;
    EXPECT_EQ(run({"--json", "status"}), exitFailed);
    const Json report = Json::parse(out_);
    EXPECT_EQ(report["state"], "failing");
    EXPECT_EQ(report["sources"][0]["paths"][0], "/home");
    EXPECT_TRUE(report["sources"][0]["lastProven"].is_null());
    EXPECT_EQ(report["components"][0]["troubled"], 1);
    EXPECT_EQ(report["uncovered"][0]["size"], 1'048'576);
    EXPECT_EQ(run({"status"}), exitFailed);
    EXPECT_NE(out_.find("laptop:/srv"), std::string::npos) << out_;
    EXPECT_NE(out_.find("1.00 MiB"), std::string::npos) << out_;
}

TEST_F(WatchVerbs, sourcesAreAcknowledgedAndDropped) {
    EXPECT_EQ(run({"status", "acknowledge", "0011", "--reason", "on holiday", "--for", "14d"}),
              exitSuccess);
    EXPECT_EQ(run({"status", "withdraw", "0011"}), exitSuccess);
    EXPECT_EQ(run({"status", "drop", "0011"}), exitSuccess);
    EXPECT_EQ(server_.calls, (Calls{"acknowledge 0011 on holiday", "withdraw 0011", "drop 0011"}));
    EXPECT_EQ(run({"status", "acknowledge", "0011"}), exitUsage);
    EXPECT_EQ(run({"status", "acknowledge", "0011", "--reason", "x", "--for", "soon"}), exitUsage);
}

TEST_F(WatchVerbs, theLogOfARunComesPageByPage) {
    for (unsigned i = 1; i <= 5; ++i) {
        Coffer::LogEntry entry;
        entry.number = i;
        entry.time = rpc::toMoment({1'700'000'000, 0});
        entry.level = "warning";
        entry.code = "io-error";
        entry.where = rpc::toPath("/a\nb");
        entry.message = std::to_string(i).c_str();
        server_.logEntries.push_back(entry);
    }
    EXPECT_EQ(run({"run", "log", "7", "--level", "warning", "--below", "/a", "--text", "x"}),
              exitSuccess);
    EXPECT_EQ(std::ranges::count(out_, '\n'), 5);
    EXPECT_NE(out_.find("warning  io-error  /a\\x0ab: 5"), std::string::npos) << out_;
    EXPECT_EQ(server_.calls, (Calls(3, "log 7 warning /a x")));
    const Json array = json({"run", "log", "7"});
    ASSERT_EQ(array.size(), 5U);
    EXPECT_EQ(array[4]["object"], "/a\nb");
    EXPECT_EQ(run({"run", "log", "0"}), exitUsage);
    EXPECT_EQ(run({"run", "log", "1", "--level", "loud"}), exitUsage);
}

TEST_F(WatchVerbs, eventsGoOnWhereTheLeaseIs) {
    for (unsigned i = 1; i <= 3; ++i) addEvent(i);
    server_.leased = 1;
    EXPECT_EQ(run({"--json", "events", "--lease", "ticker", "--kind", "run-*"}), exitSuccess);
    EXPECT_EQ(std::ranges::count(out_, '\n'), 2);
    EXPECT_EQ(server_.calls, (Calls{"lease ticker", "kind run-*", "taken ticker 3", "kind run-*"}));
    EXPECT_EQ(server_.leased, 3U);
    EXPECT_EQ(run({"events", "--lease", "ticker"}), exitSuccess);
    EXPECT_EQ(out_, "");
    EXPECT_EQ(run({"events", "--after", "2"}), exitSuccess);
    EXPECT_EQ(out_, "3  2023-11-14 22:13:20 +0000  it ended\n");
}

TEST_F(WatchVerbs, eventsThatAreGoneAreNoEndOfTheSession) {
    server_.eventsGone = true;
    EXPECT_EQ(run({"--json", "events", "--lease", "ticker"}), exitFailed);
    EXPECT_NE(err_.find("\"gone\""), std::string::npos) << err_;
}

}  // namespace
}  // namespace coffer::cli
