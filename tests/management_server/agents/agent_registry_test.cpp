#include "management_server/agents/agent_registry.h"

#include <atomic>

#include "core/base/threads.h"
#include "tests/management_server/agents/agents_fixture.h"

namespace coffer {
namespace {

struct Registry : AgentsFixture {
    std::string controlOf(const std::string& agent) {
        return NamedControl::nameOf(registry.control(agent));
    }
};

TEST_F(Registry, KnowsWhoIsAttached) {
    const rpc::Caller caller = enrol("laptop");
    EXPECT_FALSE(registry.isAttached("laptop"));
    expectError(ErrorCode::unavailable, [&] { registry.control("laptop"); });
    expectError(ErrorCode::notFound, [&] { registry.control("other"); });
    registry.attach(caller, {NamedControl::make("mine"), {{"system", "Linux"}}, {}, {7, 9}});
    EXPECT_TRUE(registry.isAttached("laptop"));
    EXPECT_EQ(controlOf("laptop"), "mine");
    const AgentRecord record = registry.get("laptop");
    EXPECT_TRUE(record.attached);
    EXPECT_EQ(record.lastSeen, clock.now());
    EXPECT_EQ(record.facts, (rpc::SettingMap{{"system", "Linux"}}));
    EXPECT_EQ(listener.take(), Notes{"attached laptop"});
    EXPECT_EQ(listener.lastUnreported, (std::vector<std::int64_t>{7, 9}));
}

TEST_F(Registry, ListsByName) {
    attach(enrol("b"));
    enrol("c");
    enrol("a");
    registry.revoke("c");
    const auto agents = registry.list();
    ASSERT_EQ(agents.size(), 3U);
    EXPECT_EQ(agents[0].name, "a");
    EXPECT_FALSE(agents[0].attached);
    EXPECT_EQ(agents[1].name, "b");
    EXPECT_TRUE(agents[1].attached);
    EXPECT_EQ(agents[2].name, "c");
    EXPECT_TRUE(agents[2].revoked);
}

TEST_F(Registry, AnAgentThatCannotBeCalledBackHasToAttachAnew) {
    const rpc::Caller caller = enrol("laptop");
    const LinkKey other = attach(enrol("other"));
    const PortableServer::Servant_var<NamedControl> servant = new NamedControl("mine");
    const Coffer::AgentControl_var control = servant->_this();
    const LinkKey link = registry.attach(caller, {control, {}, {}, {}});
    EXPECT_EQ(registry.expire(), 0U);
    const PortableServer::POA_var poa = servant->_default_POA();
    const PortableServer::ObjectId_var id = poa->servant_to_id(servant);
    poa->deactivate_object(id);
    listener.take();
    EXPECT_EQ(registry.expire(), 1U);
    EXPECT_FALSE(registry.isAttached("laptop"));
    expectError(ErrorCode::gone, [&] { registry.heard("laptop", link); });
    registry.heard("other", other);
    EXPECT_EQ(listener.take(), Notes{"detached laptop"});
}

TEST_F(Registry, AttachingAnewReplacesLinkAndCallback) {
    const rpc::Caller caller = enrol("laptop");
    const LinkKey first = attach(caller);
    registry.heard("laptop", first);
    const LinkKey second = registry.attach(caller, {NamedControl::make("second"), {}, {}, {}});
    EXPECT_EQ(controlOf("laptop"), "second");
    expectError(ErrorCode::gone, [&] { registry.heard("laptop", first); });
    registry.heard("laptop", second);
    // What comes late from the first does no harm.
    registry.detach("laptop", first);
    EXPECT_TRUE(registry.isAttached("laptop"));
    EXPECT_EQ(listener.take(), (Notes{"attached laptop", "attached laptop"}));
    EXPECT_EQ(eventKinds(), (Notes{"agent-enrolled", "agent-attached"}));
}

TEST_F(Registry, DetachesWhoSaysSo) {
    const LinkKey link = attach(enrol("laptop"));
    registry.detach("laptop", link);
    registry.detach("laptop", link);
    EXPECT_FALSE(registry.isAttached("laptop"));
    expectError(ErrorCode::unavailable, [&] { registry.control("laptop"); });
    expectError(ErrorCode::gone, [&] { registry.heard("laptop", link); });
    EXPECT_EQ(listener.take(), (Notes{"attached laptop", "detached laptop"}));
}

TEST_F(Registry, DetachesWhoIsSilent) {
    const LinkKey quiet = attach(enrol("quiet"));
    const LinkKey lively = attach(enrol("lively"));
    steady.advance(90);
    registry.heard("lively", lively);
    EXPECT_EQ(registry.expire(), 0U);
    steady.advance(1);
    EXPECT_EQ(registry.expire(), 1U);
    EXPECT_FALSE(registry.isAttached("quiet"));
    EXPECT_TRUE(registry.isAttached("lively"));
    expectError(ErrorCode::gone, [&] { registry.heard("quiet", quiet); });
    EXPECT_EQ(listener.take(), (Notes{"attached quiet", "attached lively", "detached quiet"}));
}

TEST_F(Registry, NobodyIsSilentBecauseTheClockIsSet) {
    attach(enrol("laptop"));
    for (const std::int64_t jump : {86'400, -2 * 86'400}) {
        clock.advance(jump);
        EXPECT_EQ(registry.expire(), 0U);
    }
    steady.advance(91);
    EXPECT_EQ(registry.expire(), 1U);
}

TEST_F(Registry, RefusesTheLinkOfAnother) {
    const LinkKey own = attach(enrol("own"));
    const LinkKey foreign = attach(enrol("foreign"));
    expectError(ErrorCode::permissionDenied, [&] { registry.heard("own", foreign); });
    registry.detach("own", foreign);
    EXPECT_TRUE(registry.isAttached("foreign"));
    registry.heard("own", own);
    // Not even with the same id behind another name does it live on.
    steady.advance(91);
    expectError(ErrorCode::permissionDenied, [&] { registry.heard("own", foreign); });
    registry.heard("own", own);
    EXPECT_EQ(registry.expire(), 1U);
    EXPECT_FALSE(registry.isAttached("foreign"));
}

TEST_F(Registry, RefusesWhoIsNoAgent) {
    const rpc::Caller agent = enrol("laptop");
    rpc::Caller client = agent;
    client.peer->role = Role::client;
    rpc::Caller local;
    local.local = true;
    for (const rpc::Caller& caller : {rpc::Caller{}, client, local}) {
        expectError(ErrorCode::permissionDenied, [&] { registry.callingAgent(caller); });
        expectError(ErrorCode::permissionDenied, [&] { attach(caller); });
    }
    EXPECT_EQ(registry.callingAgent(agent), "laptop");
}

TEST_F(Registry, AcceptsIssuedCertificatesAlone) {
    const CertificateFacts issued = *enrol("laptop").peer;
    EXPECT_TRUE(registry.accepts(issued));
    // Signed by the same authority, but never issued for an agent.
    const std::string request = makeRequest(makePrivateKey(), "laptop");
    const std::string stray = authority.sign(request, "laptop", Role::agent, std::chrono::hours(1));
    EXPECT_FALSE(registry.accepts(factsOf(stray)));
    CertificateFacts server = issued;
    server.role = Role::server;
    EXPECT_FALSE(registry.accepts(server));
    // Clients come with a password.
    CertificateFacts client = factsOf(stray);
    client.role = Role::client;
    EXPECT_TRUE(registry.accepts(client));
}

TEST_F(Registry, RevokesAtOnceAndForGood) {
    const rpc::Caller caller = enrol("laptop");
    const LinkKey link = attach(caller);
    const auto renewed = factsOf(enrolment.renew(caller, makeRequest(makePrivateKey(), "laptop")));
    registry.revoke("laptop");
    EXPECT_FALSE(registry.accepts(*caller.peer));
    EXPECT_FALSE(registry.accepts(renewed));
    EXPECT_FALSE(registry.isAttached("laptop"));
    expectError(ErrorCode::permissionDenied, [&] { registry.control("laptop"); });
    expectError(
        ErrorCode::permissionDenied, [&] { registry.callingAgent(caller); }, "revoked");
    expectError(ErrorCode::permissionDenied, [&] { attach(caller); });
    expectError(ErrorCode::gone, [&] { registry.heard("laptop", link); });
    EXPECT_EQ(listener.take(), (Notes{"attached laptop", "detached laptop", "revoked laptop"}));
    const auto when = registry.get("laptop").revoked;
    EXPECT_EQ(when, clock.now());
    // Safe to repeat.
    clock.advance(5);
    registry.revoke("laptop");
    EXPECT_EQ(registry.get("laptop").revoked, when);
    expectError(ErrorCode::notFound, [&] { registry.revoke("other"); });
}

TEST_F(Registry, SuspendsUntilItResumes) {
    const rpc::Caller caller = enrol("laptop");
    const LinkKey link = attach(caller);
    registry.suspend("laptop", true);
    EXPECT_FALSE(registry.accepts(*caller.peer));
    EXPECT_FALSE(registry.isAttached("laptop"));
    EXPECT_TRUE(registry.get("laptop").suspended);
    expectError(
        ErrorCode::unavailable, [&] { registry.control("laptop"); }, "suspended");
    expectError(ErrorCode::permissionDenied, [&] { attach(caller); });
    expectError(ErrorCode::gone, [&] { registry.heard("laptop", link); });
    EXPECT_EQ(listener.take(), (Notes{"attached laptop", "detached laptop"}));
    EXPECT_FALSE(AgentRegistry(database, clock, steady).accepts(*caller.peer));
    registry.suspend("laptop", false);
    attach(caller);
    EXPECT_TRUE(registry.isAttached("laptop"));
    registry.revoke("laptop");
    expectError(ErrorCode::conflict, [&] { registry.suspend("laptop", false); });
    EXPECT_FALSE(registry.accepts(*caller.peer));
    expectError(ErrorCode::notFound, [&] { registry.suspend("other", true); });
}

TEST_F(Registry, KeepsLabels) {
    const rpc::Caller caller = enrol("laptop");
    registry.label("laptop", {{"title", "Ann's"}, {"group", "desk"}});
    registry.label("laptop", {{"group", ""}});
    EXPECT_EQ(registry.get("laptop").labels, (rpc::SettingMap{{"title", "Ann's"}}));
    EXPECT_EQ(registry.get("laptop").certificateEnds, caller.peer->notAfter);
    const std::vector<rpc::SettingMap> wrong = {
        {{"name", "x"}}, {{"title", "a\nb"}}, {{"title", std::string(201, 'x')}}};
    for (const rpc::SettingMap& labels : wrong) {
        expectError(ErrorCode::invalidArgument, [&] { registry.label("laptop", labels); });
    }
    expectError(ErrorCode::notFound, [&] { registry.label("other", {}); });
}

TEST_F(Registry, GivesSettingsWhenAnAgentAttachesAnew) {
    const rpc::Caller caller = enrol("laptop");
    attach(caller);
    registry.label("laptop", {{"title", "Ann's"}});
    EXPECT_TRUE(registry.isAttached("laptop"));
    EXPECT_EQ(registry.givenSettings("laptop"), rpc::SettingMap{});
    const rpc::SettingMap given{{"log.level", "debug"}, {"runs.at-once", "4"}};
    registry.label("laptop", given);
    EXPECT_FALSE(registry.isAttached("laptop"));
    EXPECT_EQ(registry.givenSettings("laptop"), given);
    attach(caller);
    registry.label("laptop", given);
    EXPECT_TRUE(registry.isAttached("laptop")) << "nothing has changed";
    for (const rpc::SettingMap& wrong : std::vector<rpc::SettingMap>{
             {{"runs.at-once", "0"}}, {{"log.level", "loud"}}, {{"allow.write", "/"}}}) {
        expectError(ErrorCode::invalidArgument, [&] { registry.label("laptop", wrong); });
    }
    registry.label("laptop", {{"log.level", ""}, {"runs.at-once", ""}});
    EXPECT_EQ(registry.givenSettings("laptop"), rpc::SettingMap{});
}

TEST_F(Registry, StaysWithTheDatabase) {
    const rpc::Caller good = enrol("good");
    const rpc::Caller bad = enrol("bad");
    attach(good);
    registry.revoke("bad");
    AgentRegistry again(database, clock, steady);
    EXPECT_TRUE(again.accepts(*good.peer));
    EXPECT_FALSE(again.accepts(*bad.peer));
    EXPECT_FALSE(again.isAttached("good"));
    EXPECT_EQ(again.get("good").lastSeen, clock.now());
    EXPECT_TRUE(again.get("bad").revoked);
}

TEST_F(Registry, NotesWhenAgentsWereSeen) {
    const LinkKey link = attach(enrol("laptop"));
    clock.advance(61);
    registry.heard("laptop", link);
    registry.expire();
    AgentRegistry again(database, clock, steady);
    EXPECT_EQ(again.get("laptop").lastSeen, clock.now());
}

TEST_F(Registry, ForgetsCertificatesThatHaveEnded) {
    const rpc::Caller caller = enrol("laptop");
    clock.advance(366 * 86'400);
    registry.expire();
    EXPECT_FALSE(registry.accepts(*caller.peer));
}

TEST_F(Registry, DoesNotAttachWhomTheListenerCannotTakeIn) {
    const rpc::Caller caller = enrol("laptop");
    listener.failing = true;
    expectError(ErrorCode::ioError, [&] { attach(caller); });
    EXPECT_FALSE(registry.isAttached("laptop"));
    listener.failing = false;
    attach(caller);
    EXPECT_TRUE(registry.isAttached("laptop"));
}

TEST_F(Registry, DetachesAllAtTheStop) {
    attach(enrol("a"));
    attach(enrol("b"));
    listener.take();
    registry.detachAll();
    EXPECT_EQ(listener.take(), (Notes{"detached a", "detached b"}));
    EXPECT_FALSE(registry.isAttached("a"));
}

/// Says how many are told of one agent at a time, and calls back.
class CrowdListener : public NotingListener {
  public:
    explicit CrowdListener(AgentRegistry& registry) : registry_(registry) {}
    void attached(const std::string& agent, const Coffer::RunProgressList&,
                  const std::vector<std::int64_t>&) override {
        visit([&] { registry_.isAttached(agent); });
    }
    void detached(const std::string& agent) override {
        visit([&] { registry_.get(agent); });
    }

    std::atomic<int> crowds = 0;
    std::atomic<int> visits = 0;

  private:
    template <class Work>
    void visit(Work&& work) {
        if (inside_.exchange(true)) ++crowds;
        work();
        ++visits;
        inside_ = false;
    }

    AgentRegistry& registry_;
    std::atomic<bool> inside_ = false;
};

TEST_F(Registry, TellsOfAnAgentOneThingAtATime) {
    CrowdListener crowd(registry);
    registry.tell(crowd);
    const rpc::Caller caller = enrol("laptop");
    ThreadScope threads;
    for (int i = 0; i < 4; ++i) {
        threads.start([&] {
            for (int j = 0; j < 10; ++j) registry.detach("laptop", attach(caller));
        });
    }
    threads.join();
    EXPECT_EQ(crowd.crowds, 0);
    EXPECT_GE(crowd.visits, 41);
    EXPECT_FALSE(registry.isAttached("laptop"));
}

struct AgentRenaming : Registry {
    static void nothing(SqlDatabase&) {}
};

TEST_F(AgentRenaming, KeepsWhoItIs) {
    const rpc::Caller caller = enrol("laptop");
    const AgentId id = registry.get("laptop").id;
    const LinkKey link = attach(caller);
    registry.rename("laptop", "desk", nothing);
    EXPECT_FALSE(registry.isAttached("laptop"));
    EXPECT_EQ(registry.callingAgent(caller), "desk");
    EXPECT_EQ(registry.asKnown(caller).peer->name, "desk");
    expectError(ErrorCode::gone, [&] { registry.heard("desk", link); });
    registry.heard("desk", attach(caller));
    EXPECT_EQ(registry.get("desk").id, id);
    expectError(ErrorCode::notFound, [&] { registry.get("laptop"); });
    EXPECT_EQ(listener.take(), (Notes{"attached laptop", "detached laptop", "attached desk"}));
}

TEST_F(AgentRenaming, LastsBeyondTheServerAndARenewal) {
    const rpc::Caller caller = enrol("laptop");
    registry.rename("laptop", "desk", nothing);
    const std::string request = makeRequest(makePrivateKey(), "laptop");
    const rpc::Caller renewed = callerOf(enrolment.renew(caller, request));
    EXPECT_EQ(renewed.peer->name, "laptop");  // as the agent expects
    const AgentRegistry again(database, clock, steady);
    for (const rpc::Caller& each : {caller, renewed}) {
        EXPECT_EQ(registry.callingAgent(each), "desk");
        EXPECT_EQ(again.callingAgent(each), "desk");
    }
}

TEST_F(AgentRenaming, LeavesTheOldNameToAnother) {
    const rpc::Caller first = enrol("laptop");
    registry.rename("laptop", "desk", nothing);
    const rpc::Caller second = enrol("laptop");
    EXPECT_EQ(registry.callingAgent(first), "desk");
    EXPECT_EQ(registry.callingAgent(second), "laptop");
    registry.revoke("laptop");
    EXPECT_EQ(registry.callingAgent(first), "desk");
    expectError(ErrorCode::permissionDenied, [&] { registry.callingAgent(second); });
}

// As on a full disk: what was done within the transaction was all right.
TEST_F(AgentRenaming, ThatCannotBeCommittedChangesNothing) {
    const rpc::Caller caller = enrol("laptop");
    database.readInTurn([](SqlDatabase& db) {
        db.execute(
            "PRAGMA foreign_keys=ON; CREATE TABLE a(id INTEGER PRIMARY KEY);"
            "CREATE TABLE b(a REFERENCES a(id) DEFERRABLE INITIALLY DEFERRED)");
    });
    expectError(ErrorCode::internal, [&] {
        registry.rename("laptop", "desk",
                        [](SqlDatabase& db) { db.execute("INSERT INTO b VALUES(1)"); });
    });
    EXPECT_EQ(registry.callingAgent(caller), "laptop");
    attach(caller);
    EXPECT_TRUE(registry.isAttached("laptop"));
    registry.revoke("laptop");
    EXPECT_FALSE(registry.accepts(*caller.peer));
}

TEST_F(AgentRenaming, ThatIsRefusedChangesNothing) {
    const rpc::Caller caller = enrol("laptop");
    attach(caller);
    enrol("other");
    enrol("gone");
    registry.revoke("gone");
    enrolment.makeToken("awaited", 600, "ann");
    const auto refuse = [](SqlDatabase&) { throw Error(ErrorCode::conflict, "it has runs"); };
    expectError(ErrorCode::conflict, [&] { registry.rename("laptop", "desk", refuse); });
    expectError(ErrorCode::invalidArgument, [&] { registry.rename("laptop", "a b", nothing); });
    expectError(ErrorCode::notFound, [&] { registry.rename("nobody", "desk", nothing); });
    expectError(ErrorCode::conflict, [&] { registry.rename("gone", "desk", nothing); });
    for (const char* taken : {"other", "gone", "laptop", "awaited"}) {
        expectError(ErrorCode::alreadyExists, [&] { registry.rename("laptop", taken, nothing); });
    }
    EXPECT_TRUE(registry.isAttached("laptop"));
    EXPECT_EQ(registry.callingAgent(caller), "laptop");
}

}  // namespace
}  // namespace coffer
