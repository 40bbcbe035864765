#include "management_server/access/upcall.h"
#include "management_server/agents/agent_link.h"
#include "management_server/agents/agent_manager.h"
#include "management_server/agents/agent_port.h"
#include "tests/management_server/agents/agents_fixture.h"

namespace coffer {
namespace {

/// Servants called as the ORB calls them, by callers of the test's choice.
struct Servants : AgentsFixture {
    rpc::Caller caller;
    Bytes calledId;
    std::optional<std::string> client = "ann";
    LinkKey lastLink;
    std::string lastRoot;
    bool leadsBack = true;

    SessionTable sessions{clock,
                          {[this] { return calledId; },
                           [this]() -> std::optional<std::string> { return client; }, everyRole}};
    AgentPort port{registry, enrolment,
                   [this](const LinkKey& key) {
                       lastLink = key;
                       return Coffer::AgentLink::_nil();
                   },
                   [this] { return caller; },
                   [this](CORBA::Object_ptr control) { return leadsBack && control; }};
    AgentLink link{registry, listener, [this] { return caller; }, [this] { return calledId; }};
    AgentManager manager{sessions, registry, enrolment,
                         [this](const UserSession& session, const std::string& agent) {
                             lastRoot = session.user + " at " + agent;
                             return Coffer::Folder::_nil();
                         },
                         [this](const AgentId&) { return lastProven; }};
    std::optional<Timestamp> lastProven;

    Servants() { static_cast<void>(testOrb()); }

    static Coffer::AgentHello hello() {
        Coffer::AgentHello said;
        said.level = Coffer::protocolLevel;
        return said;
    }

    Coffer::AgentWelcome attachAs(const rpc::Caller& who, const Coffer::AgentHello& said) {
        caller = who;
        const Coffer::AgentControl_var control = NamedControl::make(who.peer->name);
        Coffer::AgentWelcome_var welcome;
        port.attach(control, said, welcome.out());
        calledId = toBytes(lastLink.view());
        return welcome.in();
    }

    void logIn() { calledId = toBytes(sessions.begin("ann").id.view()); }

    template <class Work>
    void expectFailed(ErrorCode code, Work&& work, const std::string& text = "") {
        expectError(
            code, [&] { rpc::call("test", work); }, text);
    }
};

TEST_F(Servants, AttachAndReport) {
    const Coffer::AgentWelcome welcome = attachAs(enrol("laptop"), hello());
    EXPECT_EQ(welcome.level, Coffer::protocolLevel);
    link.heartbeat();
    Coffer::RunProgressList news;
    news.length(2);
    news[0].run = 3;
    news[1].run = 4;
    link.progress(news);
    Coffer::RunResult result;
    result.run = 5;
    result.outcome = "failed";
    link.finished(result);
    EXPECT_EQ(listener.take(), (Notes{"attached laptop", "progress laptop 3", "progress laptop 4",
                                      "finished laptop 5"}));
    link.detach();
    EXPECT_EQ(listener.take(), Notes{"detached laptop"});
    expectFailed(
        ErrorCode::gone, [&] { link.heartbeat(); }, "attach again");
}

TEST_F(Servants, EverySignOfLifeCounts) {
    attachAs(enrol("laptop"), hello());
    for (int i = 0; i < 3; ++i) {
        steady.advance(80);
        link.progress({});
        EXPECT_EQ(registry.expire(), 0U);
        steady.advance(80);
        link.heartbeat();
        EXPECT_EQ(registry.expire(), 0U);
    }
    steady.advance(91);
    EXPECT_EQ(registry.expire(), 1U);
    expectFailed(ErrorCode::gone, [&] { link.heartbeat(); });
}

TEST_F(Servants, RefuseOtherLevels) {
    const rpc::Caller agent = enrol("laptop");
    for (const CORBA::Long level : {-5, 0, Coffer::protocolLevel + 3, 1'000'000}) {
        Coffer::AgentHello said = hello();
        said.level = level;
        expectFailed(
            ErrorCode::unsupported, [&] { attachAs(agent, said); }, "protocol level");
    }
    // A little newer: both use the server's.
    Coffer::AgentHello newer = hello();
    newer.level = Coffer::protocolLevel + 1;
    EXPECT_EQ(attachAs(agent, newer).level, Coffer::protocolLevel);
}

TEST_F(Servants, BoundWhatAnAgentSays) {
    const rpc::Caller agent = enrol("laptop");
    Coffer::AgentHello said = hello();
    said.facts.length(5'000);
    for (CORBA::ULong at = 0; at < said.facts.length(); ++at) {
        said.facts[at].name = ("f" + std::to_string(at)).c_str();
        said.facts[at].value = std::string(100, 'v').c_str();
    }
    attachAs(agent, said);
    EXPECT_EQ(registry.get("laptop").facts.size(), 64U);
    Coffer::RunProgressList news;
    news.length(1'001);
    expectFailed(ErrorCode::limitExceeded, [&] { link.progress(news); });
    Coffer::RunResult result;
    result.run = 5;
    result.outcome = "warnings";
    result.problems.length(3'000);
    link.finished(result);
    EXPECT_EQ(listener.lastResult.problems.length(), 2'000U);
    said.active.length(1'001);
    expectFailed(ErrorCode::limitExceeded, [&] { attachAs(agent, said); });
    said.active.length(0);
    said.unreported = rpc::toStrings({"seven"});
    expectFailed(ErrorCode::invalidArgument, [&] { attachAs(agent, said); });
}

TEST_F(Servants, AttachWithACallbackOnly) {
    caller = enrol("laptop");
    Coffer::AgentWelcome_var welcome;
    expectFailed(ErrorCode::invalidArgument,
                 [&] { port.attach(Coffer::AgentControl::_nil(), hello(), welcome.out()); });
    EXPECT_FALSE(registry.isAttached("laptop"));
}

TEST_F(Servants, RefuseACallbackThatIsElsewhere) {
    leadsBack = false;
    const rpc::Caller agent = enrol("laptop");
    expectFailed(ErrorCode::permissionDenied, [&] { attachAs(agent, hello()); });
    EXPECT_FALSE(registry.isAttached("laptop"));
}

TEST_F(Servants, RefuseAForeignLink) {
    const rpc::Caller thief = enrol("thief");
    attachAs(thief, hello());
    attachAs(enrol("laptop"), hello());
    listener.take();
    caller = thief;
    Coffer::RunResult result;
    result.outcome = "succeeded";
    expectFailed(ErrorCode::permissionDenied, [&] { link.heartbeat(); });
    expectFailed(ErrorCode::permissionDenied, [&] { link.progress({}); });
    expectFailed(ErrorCode::permissionDenied, [&] { link.finished(result); });
    link.detach();
    EXPECT_TRUE(registry.isAttached("laptop"));
    caller = {};
    expectFailed(ErrorCode::permissionDenied, [&] { link.heartbeat(); });
    link.detach();
    caller.peer = thief.peer;
    caller.peer->name = "laptop";
    expectFailed(ErrorCode::permissionDenied, [&] { link.heartbeat(); });
    caller.peer->role = Role::client;
    expectFailed(ErrorCode::permissionDenied, [&] { link.heartbeat(); });
    EXPECT_TRUE(registry.isAttached("laptop"));
    EXPECT_TRUE(listener.take().empty());
}

TEST_F(Servants, RefuseWhatIsNoLink) {
    caller = enrol("laptop");
    for (const std::size_t size : {0U, 15U, 16U, 17U}) {
        calledId = Bytes(size);
        expectFailed(ErrorCode::gone, [&] { link.heartbeat(); });
        link.detach();
    }
}

TEST_F(Servants, RefuseARevokedAgentInTheMiddle) {
    const rpc::Caller agent = enrol("laptop");
    attachAs(agent, hello());
    registry.revoke("laptop");
    listener.take();
    Coffer::RunResult result;
    result.outcome = "succeeded";
    expectFailed(
        ErrorCode::permissionDenied, [&] { link.heartbeat(); }, "revoked");
    expectFailed(ErrorCode::permissionDenied, [&] { link.finished(result); });
    expectFailed(ErrorCode::permissionDenied, [&] { attachAs(agent, hello()); });
    expectFailed(ErrorCode::permissionDenied, [&] { port.renew("x"); });
    EXPECT_TRUE(listener.take().empty());
}

TEST_F(Servants, AResultThatCannotBeKeptIsNotTaken) {
    attachAs(enrol("laptop"), hello());
    listener.failing = true;
    Coffer::RunResult result;
    result.outcome = "succeeded";
    expectFailed(ErrorCode::ioError, [&] { link.finished(result); });
}

TEST_F(Servants, Renew) {
    caller = enrol("laptop");
    const CORBA::String_var certificate =
        port.renew(makeRequest(makePrivateKey(), "laptop").c_str());
    EXPECT_TRUE(registry.accepts(factsOf(certificate.in())));
}

TEST_F(Servants, ListAgents) {
    attachAs(enrol("here"), hello());
    enrol("never");
    enrol("shut");
    registry.revoke("shut");
    logIn();
    Coffer::AgentInfos_var agents = manager.list();
    ASSERT_EQ(agents->length(), 3U);
    EXPECT_STREQ(agents[0].name, "here");
    EXPECT_STREQ(agents[0].state, "attached");
    EXPECT_EQ(agents[0].lastSeen.seconds, clock.now().seconds);
    EXPECT_STREQ(agents[1].state, "away");
    EXPECT_EQ(agents[1].lastSeen.seconds, Coffer::unknownSeconds);
    EXPECT_EQ(agents[1].enrolled.seconds, clock.now().seconds);
    EXPECT_STREQ(agents[2].state, "revoked");
}

TEST_F(Servants, ShowTheRootOfWhoIsThere) {
    attachAs(enrol("here"), hello());
    enrol("away");
    enrol("shut");
    registry.revoke("shut");
    logIn();
    manager.root("here");
    EXPECT_EQ(lastRoot, "ann at here");
    expectFailed(ErrorCode::unavailable, [&] { manager.root("away"); });
    expectFailed(ErrorCode::permissionDenied, [&] { manager.root("shut"); });
    expectFailed(ErrorCode::notFound, [&] { manager.root("nobody"); });
    expectFailed(ErrorCode::notFound, [&] { manager.root(std::string(1 << 20, 'x').c_str()); });
}

TEST_F(Servants, MakeTokensAndRevoke) {
    logIn();
    const CORBA::String_var token = manager.makeToken("laptop", 600);
    enrolment.enrol(orderFor(token.in()));
    expectFailed(ErrorCode::invalidArgument, [&] { manager.makeToken("other", 1); });
    manager.revoke("laptop");
    EXPECT_TRUE(registry.get("laptop").revoked);
    expectFailed(ErrorCode::notFound, [&] { manager.revoke("nobody"); });
}

TEST_F(Servants, ManageForUsersAlone) {
    enrol("laptop");
    const auto allRefuse = [&](ErrorCode code) {
        expectFailed(code, [&] { manager.list(); });
        expectFailed(code, [&] { manager.root("laptop"); });
        expectFailed(code, [&] { manager.makeToken("other", 600); });
        expectFailed(code, [&] { manager.revoke("laptop"); });
    };
    calledId = Bytes(16);
    allRefuse(ErrorCode::loginAgain);
    logIn();
    client = "bob";
    allRefuse(ErrorCode::permissionDenied);
    client = "ann";
    calledId = toBytes(sessions.begin("ann", {.mustChange = true}).id.view());
    allRefuse(ErrorCode::conflict);
    EXPECT_FALSE(registry.get("laptop").revoked);
}

TEST_F(Servants, AreReachedThroughTheOrb) {
    // Calls within the process carry no certificate; the test's caller stands for it.
    rpc::Orb& orb = testOrb();
    caller = enrol("laptop");
    const PortableServer::Servant_var<AgentLink> links =
        new AgentLink(registry, listener, [this] { return caller; });
    const PortableServer::POA_var poa = orb.poa("links", links);
    const PortableServer::Servant_var<AgentPort> ports = new AgentPort(
        registry, enrolment,
        [&](const LinkKey& key) {
            const CORBA::Object_var made =
                referenceIn(orb, "links", key.view(), Coffer::AgentLink::_PD_repoId);
            return Coffer::AgentLink::_unchecked_narrow(made);
        },
        [this] { return caller; });
    orb.serve("CofferAgents", ports);
    const CORBA::Object_var object = orb.reachLocal("CofferAgents");
    const Coffer::AgentPort_var there = Coffer::AgentPort::_narrow(object);
    Coffer::AgentWelcome_var welcome;
    const Coffer::AgentControl_var control = NamedControl::make("laptop");
    const Coffer::AgentLink_var first = there->attach(control, hello(), welcome);
    first->heartbeat();
    const Coffer::AgentLink_var second = there->attach(control, hello(), welcome);
    second->heartbeat();
    expectFailed(ErrorCode::gone, [&] { first->heartbeat(); });
    second->detach();
    EXPECT_FALSE(registry.isAttached("laptop"));
}

}  // namespace
}  // namespace coffer
