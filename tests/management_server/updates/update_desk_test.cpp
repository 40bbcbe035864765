#include "management_server/updates/update_desk.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <utility>

#include "tests/core/update/update_samples.h"
#include "tests/support/expect_error.h"
#include "tests/support/scratch_folder.h"

namespace coffer {
namespace {

using State = AgentUpdate::State;

AgentUpdate updateOf(const std::string& agent, State state, unsigned atOnce = 1) {
    return {agent, Version::parse("1.4.0"), state, "", "ann", atOnce, {}};
}

using Names = std::vector<std::string>;
const std::set<std::string> everybody{"a", "b", "c", "d", "e"};

TEST(NextToTell, tellsNobodyBeforeTheFirstHaveIt) {
    EXPECT_EQ(nextToTell({updateOf("a", State::waiting), updateOf("b", State::waiting)}, everybody),
              Names{"a"});
    EXPECT_EQ(nextToTell({updateOf("a", State::offered), updateOf("b", State::waiting)}, everybody),
              Names{});
    EXPECT_EQ(nextToTell({updateOf("a", State::done), updateOf("b", State::waiting)}, everybody),
              Names{"b"});
}

TEST(NextToTell, goesOnByTheSameNumberWhenTheFirstHaveIt) {
    std::vector<AgentUpdate> updates{
        updateOf("a", State::done, 2), updateOf("b", State::offered, 2),
        updateOf("c", State::waiting, 2), updateOf("d", State::waiting, 2),
        updateOf("e", State::waiting, 2)};
    EXPECT_EQ(nextToTell(updates, everybody), Names{});
    updates[1].state = State::done;
    EXPECT_EQ(nextToTell(updates, everybody), (Names{"c", "d"}));
    updates[2].state = State::offered;
    EXPECT_EQ(nextToTell(updates, everybody), Names{"d"});
}

TEST(NextToTell, passesOverWhoIsAwayOrRefuses) {
    const std::vector<AgentUpdate> updates{updateOf("a", State::refused),
                                           updateOf("b", State::waiting),
                                           updateOf("c", State::waiting)};
    EXPECT_EQ(nextToTell(updates, {"c"}), Names{"c"});
}

TEST(NextToTell, tellsNobodyBehindAFailure) {
    EXPECT_EQ(nextToTell({updateOf("a", State::failed), updateOf("b", State::waiting)}, everybody),
              Names{});
}

/// Agents that say what the test wants.
class ScriptedAgents : public UpdateCalls {
  public:
    bool isAttached(const std::string& agent) override { return facts.contains(agent); }
    bool mayAttach(const std::string& agent) override { return !shutOut.contains(agent); }
    rpc::SettingMap describe(const std::string& agent) override {
        if (meanwhile) std::exchange(meanwhile, nullptr)();
        return facts.at(agent);
    }
    void offer(const std::string& agent, const Bytes&) override {
        offered.push_back(agent);
        if (refusal) throw Error(*refusal);
    }
    std::map<std::string, rpc::SettingMap> facts;
    std::set<std::string> shutOut;
    std::function<void()> meanwhile;  // what else happens while an agent is asked
    std::vector<std::string> offered;
    std::optional<Error> refusal;
};

class ListedEvents : public EventSink {
  public:
    void add(std::string_view kind, std::string_view subject, std::string_view,
             const std::map<std::string, std::string>&) noexcept override {
        all.push_back(std::string(kind) + " " + std::string(subject));
    }
    std::vector<std::string> all;
};

class UpdateDeskTest : public testing::Test {
  protected:
    UpdateDeskTest() {
        makeFolders(disk, "/server");
        shelf.upload(0, samplePackage(), true);
        for (const char* agent : {"a", "b"}) {
            agents.facts[agent] = {
                {"version", "1.0.0"}, {"features", "updates"}, {"platform", ownPlatform()}};
        }
    }
    void order(const Names& names) { updates.order(names, version, 1, "ann"); }
    State stateOf(const std::string& agent) {
        for (const AgentUpdate& update : updates.list()) {
            if (update.agent == agent) return update.state;
        }
        throw Error(ErrorCode::notFound, agent);
    }
    std::string messageOf(const std::string& agent) {
        for (const AgentUpdate& update : updates.list()) {
            if (update.agent == agent) return update.message;
        }
        return "?";
    }

    const Version version = Version::parse("1.4.0");
    SimulatedDisk disk;
    PackageShelf shelf{disk, "/server/updates"};
    ScratchFolder scratch;
    ServerDatabase database{scratch / "server.db"};
    ManualClock clock{1'000};
    AgentUpdates updates{database, clock};
    ScriptedAgents agents;
    ListedEvents events;
    UpdateDesk desk{{updates, shelf, agents, events}};
};

TEST_F(UpdateDeskTest, followsAnAgentToTheNewVersion) {
    order({"a", "b"});
    desk.look();
    EXPECT_EQ(agents.offered, Names{"a"});
    EXPECT_EQ(stateOf("a"), State::offered);
    auto& facts = agents.facts["a"];
    facts["update-version"] = "1.4.0";
    facts["update-state"] = "waiting";
    facts["update-message"] = "for the runs that are at work";
    desk.look();
    EXPECT_EQ(messageOf("a"), "waiting: for the runs that are at work");
    // The trial has attached; that is not the end yet.
    facts["version"] = "1.4.0";
    facts["update-state"] = "trial";
    desk.look();
    EXPECT_EQ(stateOf("a"), State::offered);
    EXPECT_EQ(agents.offered, Names{"a"});
    facts["update-state"] = "done";
    desk.look();
    EXPECT_EQ(stateOf("a"), State::done);
    EXPECT_EQ(events.all, Names{"agent-updated a"});
    EXPECT_EQ(agents.offered, (Names{"a", "b"}));
}

TEST_F(UpdateDeskTest, offersAgainToOneThatHasForgottenIt) {
    order({"a"});
    desk.look();
    desk.look();
    EXPECT_EQ(agents.offered, (Names{"a", "a"}));
}

TEST_F(UpdateDeskTest, stopsBehindAFailure) {
    order({"a", "b"});
    desk.look();
    agents.facts["a"]["update-version"] = "1.4.0";
    agents.facts["a"]["update-state"] = "failed";
    agents.facts["a"]["update-message"] = "exit code 1\x1b[2J";
    desk.look();
    EXPECT_EQ(stateOf("a"), State::failed);
    EXPECT_EQ(messageOf("a").find('\x1b'), std::string::npos);
    EXPECT_EQ(stateOf("b"), State::stopped);
    EXPECT_EQ(events.all, Names{"agent-update-failed a"});
    EXPECT_EQ(agents.offered, Names{"a"});
}

TEST_F(UpdateDeskTest, aRefusalIsNoFailure) {
    agents.refusal = Error(ErrorCode::permissionDenied, "agent.ini forbids it");
    order({"a", "b"});
    desk.look();
    desk.look();
    EXPECT_EQ(stateOf("a"), State::refused);
    EXPECT_EQ(stateOf("b"), State::refused);
    EXPECT_EQ(messageOf("a"), "permission-denied: agent.ini forbids it");
}

TEST_F(UpdateDeskTest, oneThatCouldNotFetchItStopsNobody) {
    order({"a", "b"});
    desk.look();
    agents.facts["a"]["update-version"] = "1.4.0";
    agents.facts["a"]["update-state"] = "refused";
    agents.facts["a"]["update-message"] = "no room";
    desk.look();
    EXPECT_EQ(stateOf("a"), State::refused);
    EXPECT_EQ(messageOf("a"), "no room");
    EXPECT_EQ(agents.offered, (Names{"a", "b"}));
}

TEST_F(UpdateDeskTest, waitsForOneThatCannotBeReached) {
    order({"a"});
    for (const ErrorCode code :
         {ErrorCode::unavailable, ErrorCode::gone, ErrorCode::cancelled, ErrorCode::ioError}) {
        agents.refusal = Error(code, "away");
        desk.look();
        EXPECT_EQ(stateOf("a"), State::waiting);
    }
    agents.facts.clear();
    desk.look();
    EXPECT_EQ(stateOf("a"), State::waiting);
}

TEST_F(UpdateDeskTest, anOlderAgentIsTold) {
    agents.facts["a"].erase("features");
    order({"a"});
    desk.look();
    EXPECT_EQ(stateOf("a"), State::refused);
    EXPECT_TRUE(messageOf("a").starts_with("unsupported"));
    EXPECT_TRUE(agents.offered.empty());
}

TEST_F(UpdateDeskTest, anotherPlatformHasNoPackage) {
    agents.facts["a"]["platform"] = "plan9-mips";
    order({"a"});
    desk.look();
    EXPECT_EQ(stateOf("a"), State::refused);
    EXPECT_TRUE(messageOf("a").starts_with("not-found"));
}

TEST_F(UpdateDeskTest, oneVersionIsOnItsWayAtATime) {
    order({"a"});
    expectError(ErrorCode::conflict,
                [&] { updates.order({"b"}, Version::parse("1.5.0"), 1, "ann"); });
    updates.stop("stopped by ann");
    updates.order({"b"}, Version::parse("1.5.0"), 1, "ann");
    EXPECT_EQ(updates.list().size(), 1U);
}

TEST_F(UpdateDeskTest, oneThatWasToldAndNeverComesBackCanBeStopped) {
    order({"a"});
    desk.look();
    EXPECT_EQ(stateOf("a"), State::offered);
    agents.facts.clear();
    updates.stop("stopped by ann");
    EXPECT_EQ(stateOf("a"), State::stopped);
    EXPECT_TRUE(messageOf("a").starts_with("stopped by ann; it was told before"));
    updates.order({"b"}, Version::parse("1.5.0"), 1, "ann");
}

TEST_F(UpdateDeskTest, oneThatIsShutOutHoldsUpNobody) {
    order({"a", "b"});
    desk.look();
    agents.facts.erase("a");
    agents.shutOut.insert("a");
    desk.look();
    EXPECT_EQ(stateOf("a"), State::stopped);
    EXPECT_EQ(agents.offered, (Names{"a", "b"}));
}

TEST_F(UpdateDeskTest, aLateAnswerChangesNoNewerOrder) {
    order({"a"});
    agents.meanwhile = [this] {
        updates.stop("stopped by ann");
        updates.order({"a"}, Version::parse("1.5.0"), 1, "ann");
    };
    desk.look();
    EXPECT_EQ(updates.list().front().version, Version::parse("1.5.0"));
    EXPECT_EQ(stateOf("a"), State::waiting);
}

TEST_F(UpdateDeskTest, aLateAnswerBringsNoNameBack) {
    order({"a"});
    agents.meanwhile = [this] {
        database.change([](SqlDatabase& db) { AgentUpdates::renameAgent(db, "a", "z"); });
    };
    desk.look();
    ASSERT_EQ(updates.list().size(), 1U);
    EXPECT_EQ(stateOf("z"), State::waiting);
}

TEST_F(UpdateDeskTest, FollowsARenamedAgent) {
    order({"a", "b"});
    database.change([](SqlDatabase& db) { AgentUpdates::renameAgent(db, "a", "z"); });
    EXPECT_EQ(stateOf("z"), State::waiting);
    EXPECT_THROW(stateOf("a"), Error);
}

}  // namespace
}  // namespace coffer
