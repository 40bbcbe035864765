#include "management_server/access/gate.h"

#include "core/base/random.h"
#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "management_server/access/session_servant.h"
#include "management_server/access/totp.h"
#include "tests/management_server/access/access_fixture.h"

namespace coffer {
namespace {

/// Gate and Session called as the ORB calls them, by callers of the test's choice.
struct GateTest : UsersFixture {
    Authentication authentication{users, tokens, factors, clock};
    CertificateAuthority authority = CertificateAuthority::create(folder.path(), clock);
    rpc::Caller caller;
    Bytes calledId;
    SessionTable sessions{clock,
                          {[this] { return calledId; },
                           [this]() -> std::optional<std::string> {
                               return caller.local ? std::optional<std::string>()
                                                   : caller.peer->name;
                           },
                           [this](const std::string& user) { return permissions.of(user); }}};
    std::optional<UserSession> begun;
    std::optional<EnrolmentOrder> order;
    ErrorCode refusal = ErrorCode::internal;  // none
    Gate gate{{.authority = authority,
               .authentication = authentication,
               .sessions = sessions,
               .clock = clock,
               .enrolAgent = [this](const EnrolmentOrder& brought) -> std::string {
                   if (refusal != ErrorCode::internal) throw Error(refusal, "no");
                   order = brought;
                   return "a certificate";
               },
               .refer =
                   [this](const UserSession& fresh) {
                       begun = fresh;
                       return Coffer::Session::_nil();
                   },
               .version = "1.2",
               .caller = [this] { return caller; }}};
    std::string referred;
    SessionServant session{sessions, users, authentication,
                           [this](const std::string& poa, const UserSession& of, const char* type) {
                               referred = poa + " " + of.user + " " + type;
                               return CORBA::Object::_nil();
                           },
                           [this] { return caller.address; }};

    GateTest() { caller = clientOf("ann"); }

    static rpc::Caller clientOf(const std::string& name) {
        rpc::Caller client;
        client.peer.emplace();
        client.peer->name = name;
        client.address = "192.0.2.7";
        return client;
    }

    template <class Work>
    void expectFailed(ErrorCode code, Work&& work, const std::string& text = "") {
        expectError(
            code, [&] { rpc::call("test", work); }, text);
    }

    void logIn(const std::string& user = "ann", const std::string& password = goodPassword) {
        begun.reset();
        gate.login(user.c_str(), password.c_str(), Coffer::protocolLevel);
        calledId = toBytes(begun->id.view());
    }

    std::string enrolClient(const std::string& user, const std::string& password,
                            const std::string& request) {
        const CORBA::String_var certificate =
            gate.enrolClient(user.c_str(), password.c_str(), request.c_str());
        return certificate.in();
    }

    void whoAmI() { const Coffer::Settings_var said = session.whoAmI(); }

    void enrolAgent(const std::string& token = "token") {
        const CORBA::String_var certificate = gate.enrolAgent(
            token.c_str(), "request", rpc::toOctets(Bytes(16, 1)), rpc::toOctets(Bytes(32, 2)));
        EXPECT_STREQ(certificate, "a certificate");
    }
};

TEST_F(GateTest, SaysWhatItSpeaks) {
    caller = {};
    const Coffer::Settings_var said = gate.hello();
    const rpc::SettingMap map = rpc::toMap(said);
    EXPECT_EQ(map.at("level"), std::to_string(Coffer::protocolLevel));
    EXPECT_EQ(map.at("oldest-level"), "1");
    EXPECT_EQ(map.at("version"), "1.2");
    EXPECT_TRUE(map.contains("features"));
}

TEST_F(GateTest, PassesAnAgentsOrderOn) {
    caller = {};
    enrolAgent();
    ASSERT_TRUE(order);
    EXPECT_EQ(order->token, "token");
    EXPECT_EQ(order->request, "request");
    EXPECT_EQ(toBytes(order->agent.view()), Bytes(16, 1));
    EXPECT_EQ(toBytes(order->verifyKey.view()), Bytes(32, 2));
}

TEST_F(GateTest, RefusesAgentsOrdersOfTheWrongForm) {
    const auto with = [&](std::size_t id, std::size_t key, std::size_t request) {
        expectFailed(ErrorCode::invalidArgument, [&] {
            gate.enrolAgent("token", std::string(request, 'r').c_str(), rpc::toOctets(Bytes(id)),
                            rpc::toOctets(Bytes(key)));
        });
    };
    with(15, 32, 1);
    with(0, 32, 1);
    with(16, 33, 1);
    with(16, 1 << 20, 1);
    with(16, 32, 1 << 20);
    EXPECT_FALSE(order);
}

TEST_F(GateTest, AnAddressWithManyBadTokensWaits) {
    refusal = ErrorCode::permissionDenied;
    for (int i = 0; i < 11; ++i) {
        expectFailed(ErrorCode::permissionDenied, [&] { enrolAgent(); });
    }
    refusal = ErrorCode::internal;
    expectFailed(ErrorCode::limitExceeded, [&] { enrolAgent(); });
    caller.address = "192.0.2.8";
    enrolAgent();
}

TEST_F(GateTest, SignsForClients) {
    caller = {};
    const std::string certificate =
        enrolClient("ann", goodPassword, makeRequest(makePrivateKey(), "somebody else"));
    const CertificateFacts facts = factsOf(certificate);
    EXPECT_EQ(facts.name, "ann");
    EXPECT_EQ(facts.role, Role::client);
}

TEST_F(GateTest, SignsForNobodyElse) {
    caller = {};
    const std::string request = makeRequest(makePrivateKey(), "ann");
    expectFailed(ErrorCode::permissionDenied,
                 [&] { enrolClient("ann", "another password", request); });
    expectFailed(ErrorCode::limitExceeded, [&] { enrolClient("ann", goodPassword, request); });
    clock.advance(1);
    expectFailed(ErrorCode::invalidArgument, [&] { enrolClient("ann", goodPassword, "nonsense"); });
    expectFailed(ErrorCode::invalidArgument,
                 [&] { enrolClient("ann", goodPassword, std::string(1 << 20, 'x')); });
    expectFailed(ErrorCode::permissionDenied,
                 [&] { enrolClient(std::string(1 << 20, 'x'), goodPassword, request); });
}

TEST_F(GateTest, TellsWhenToComeBack) {
    caller = {};
    expectFailed(ErrorCode::permissionDenied, [&] { enrolClient("ann", "another password", "x"); });
    try {
        enrolClient("ann", goodPassword, "x");
        ADD_FAILURE() << "was let in";
    } catch (const Coffer::Failed& failed) {
        EXPECT_EQ(failed.retryAfterMs, 1'000U);
    }
}

TEST_F(GateTest, BeginsSessions) {
    logIn();
    ASSERT_TRUE(begun);
    EXPECT_EQ(begun->user, "ann");
    EXPECT_EQ(sessions.requireAny().user, "ann");
}

TEST_F(GateTest, LogsInWithTheUsersOwnCertificateAlone) {
    users.add("bob", goodPassword, false);
    hasher.compared = 0;
    const auto refused = [&] {
        expectFailed(ErrorCode::permissionDenied, [&] { logIn(); });
        EXPECT_FALSE(begun);
    };
    caller = clientOf("bob");
    refused();
    caller = {};
    refused();
    caller = clientOf("ann");
    caller.peer->role = Role::agent;
    refused();
    EXPECT_EQ(hasher.compared, 0);
    caller = {};
    caller.local = true;
    logIn();
}

TEST_F(GateTest, RefusesWrongPasswords) {
    expectFailed(ErrorCode::permissionDenied, [&] { logIn("ann", "another password"); });
    expectFailed(ErrorCode::limitExceeded, [&] { logIn(); });
    clock.advance(1);
    logIn();
}

TEST_F(GateTest, RefusesOtherLevels) {
    for (const CORBA::Long level : {Coffer::protocolLevel - 3, 0, -1, Coffer::protocolLevel + 1}) {
        expectFailed(
            ErrorCode::unsupported, [&] { gate.login("ann", goodPassword.c_str(), level); },
            "protocol level");
    }
    EXPECT_EQ(sessions.count(), 0U);
}

TEST_F(GateTest, SessionsLeadToTheManagers) {
    logIn();
    session.agents();
    EXPECT_EQ(referred, "agents ann IDL:Coffer/AgentManager:1.0");
    session.runs();
    EXPECT_EQ(referred, "runs ann IDL:Coffer/RunManager:1.0");
    session.snapshots();
    EXPECT_EQ(referred, "snapshots ann IDL:Coffer/SnapshotManager:1.0");
    session.repositories();
    EXPECT_EQ(referred, "repositories ann IDL:Coffer/RepositoryManager:1.0");
    session.events();
    EXPECT_EQ(referred, "events ann IDL:Coffer/EventLog:1.0");
}

TEST_F(GateTest, SessionsSayWhoTheyAre) {
    logIn();
    const Coffer::Settings_var said = session.whoAmI();
    EXPECT_EQ(rpc::toMap(said).at("user"), "ann");
    EXPECT_EQ(rpc::toMap(said).at("must-change"), "no");
}

/// A directory in which somebody is found while the server gets a user of that name.
class OvertakenDirectory : public ScriptedDirectory {
  public:
    explicit OvertakenDirectory(UserTable& users) : users_(users) {}

    std::optional<std::vector<std::string>> verify(const std::string& name,
                                                   const std::string& password) const override {
        users_.add(name, goodPassword, false);
        return ScriptedDirectory::verify(name, password);
    }

  private:
    UserTable& users_;
};

TEST_F(GateTest, NobodyComesFromADirectoryWithANameThatWasTakenMeanwhile) {
    permissions.add("user:ann", {UserRole::administrator});
    permissions.addGroup("viewers");
    OvertakenDirectory directory(users);
    directory.groups = {{"dora", {"viewers"}}, {"emil", {"viewers"}}};
    authentication.askAlso(directory, permissions);
    caller = clientOf("dora");
    expectFailed(
        ErrorCode::permissionDenied, [&] { logIn("dora", "of the directory"); }, "wrong user");
    EXPECT_EQ(directory.asked, 1);
    EXPECT_EQ(sessions.count(), 0U);
    const std::string request = makeRequest(makePrivateKey(), "emil");
    expectFailed(
        ErrorCode::permissionDenied, [&] { enrolClient("emil", "of the directory", request); },
        "wrong user");
    EXPECT_EQ(directory.asked, 2);
}

TEST_F(GateTest, LogoutEndsASession) {
    logIn();
    session.logout();
    expectFailed(ErrorCode::loginAgain, [&] { whoAmI(); });
    expectFailed(ErrorCode::loginAgain, [&] { session.agents(); });
    expectFailed(ErrorCode::loginAgain, [&] { session.logout(); });
}

TEST_F(GateTest, SessionsAreForTheirUserAlone) {
    logIn();
    caller = clientOf("bob");
    expectFailed(ErrorCode::permissionDenied, [&] { whoAmI(); });
    expectFailed(ErrorCode::permissionDenied, [&] { session.runs(); });
    expectFailed(ErrorCode::permissionDenied, [&] { session.logout(); });
    expectFailed(ErrorCode::permissionDenied,
                 [&] { session.changePassword(goodPassword.c_str(), "quite another one"); });
    caller = clientOf("ann");
    session.runs();
}

TEST_F(GateTest, SessionsEndWithTheClock) {
    logIn();
    clock.advance(2 * 3'600);
    whoAmI();
    clock.advance(2 * 3'600 + 1);
    expectFailed(ErrorCode::loginAgain, [&] { whoAmI(); });
    logIn();
    for (int hours = 0; hours < 48; hours += 2) {
        clock.advance(2 * 3'600);
        whoAmI();
    }
    clock.advance(1);
    expectFailed(ErrorCode::loginAgain, [&] { whoAmI(); });
}

TEST_F(GateTest, ACodeComesBeforeEverythingElse) {
    clock.advance(1'700'000'000);
    const Bytes secret = factors.begin("ann");
    const std::string first = oneTimeCode(secret, codeStep(clock.now()));
    factors.confirm("ann", first);
    logIn();
    const Coffer::Settings_var said = session.whoAmI();
    EXPECT_EQ(rpc::toMap(said).at("second-factor"), "needed");
    const auto refused = [&](auto&& work) { expectFailed(ErrorCode::conflict, work, "code"); };
    refused([&] { session.agents(); });
    refused([&] { session.access(); });
    refused([&] { session.changePassword(goodPassword.c_str(), "quite another one"); });
    expectFailed(ErrorCode::permissionDenied, [&] { session.enterCode(first.c_str()); });
    clock.advance(30);
    const std::string fresh = oneTimeCode(secret, codeStep(clock.now()));
    session.enterCode(fresh.c_str());
    session.agents();
    expectFailed(ErrorCode::conflict, [&] { session.enterCode(fresh.c_str()); });
    // The next login does not take it again.
    logIn();
    expectFailed(ErrorCode::permissionDenied, [&] { session.enterCode(fresh.c_str()); });
    session.logout();
}

TEST_F(GateTest, ATokenStandsForThePassword) {
    Timestamp end = clock.now();
    end.seconds += 3'600;
    permissions.add("user:ann", {UserRole::administrator});
    const std::string token = tokens.make("ann", "script", end, {{UserRole::viewer}});
    logIn("ann", token);
    const Coffer::Settings_var said = session.whoAmI();
    EXPECT_EQ(rpc::toMap(said).at("rights"), "look");
    session.agents();
    expectFailed(ErrorCode::permissionDenied,
                 [&] { session.changePassword(token.c_str(), "quite another one"); });
    clock.advance(3'600);
    expectFailed(ErrorCode::loginAgain, [&] { session.agents(); });
}

TEST_F(GateTest, ANewUserChangesThePasswordFirst) {
    const std::string first = makeOneTimePassword();
    users.add("new", first, true);
    caller = clientOf("new");
    logIn("new", first);
    const auto refused = [&](auto&& work) {
        expectFailed(ErrorCode::conflict, work, "change the password first");
    };
    refused([&] { session.agents(); });
    refused([&] { session.runs(); });
    refused([&] { session.snapshots(); });
    refused([&] { session.repositories(); });
    refused([&] { session.events(); });
    Coffer::Settings_var said = session.whoAmI();
    EXPECT_EQ(rpc::toMap(said).at("must-change"), "yes");
    session.changePassword(first.c_str(), "quite another one");
    session.agents();
    said = session.whoAmI();
    EXPECT_EQ(rpc::toMap(said).at("must-change"), "no");
    logIn("new", "quite another one");
    session.agents();
    expectFailed(ErrorCode::permissionDenied, [&] { logIn("new", first); });
}

TEST_F(GateTest, ANewUserMayLeave) {
    users.add("new", goodPassword, true);
    caller = clientOf("new");
    logIn("new");
    session.logout();
    EXPECT_EQ(sessions.count(), 0U);
}

TEST_F(GateTest, ChangingThePasswordEndsOtherSessions) {
    logIn();
    const Bytes other = calledId;
    logIn();
    session.changePassword(goodPassword.c_str(), "quite another one");
    whoAmI();
    calledId = other;
    expectFailed(ErrorCode::loginAgain, [&] { whoAmI(); });
    EXPECT_TRUE(users.verify("ann", "quite another one"));
}

TEST_F(GateTest, ChangesToDecentPasswordsAlone) {
    logIn();
    const auto change = [&](const std::string& old, const std::string& fresh) {
        session.changePassword(old.c_str(), fresh.c_str());
    };
    expectFailed(ErrorCode::invalidArgument, [&] { change(goodPassword, "short"); });
    expectFailed(ErrorCode::invalidArgument, [&] { change(goodPassword, goodPassword); });
    expectFailed(ErrorCode::invalidArgument,
                 [&] { change(goodPassword, std::string(1 << 20, 'x')); });
    expectFailed(ErrorCode::permissionDenied,
                 [&] { change("another password", "quite another one"); });
    // Who has got hold of a session does not guess quickly.
    expectFailed(ErrorCode::limitExceeded, [&] { change(goodPassword, "quite another one"); });
    EXPECT_TRUE(users.verify("ann", goodPassword));
}

}  // namespace
}  // namespace coffer
