#include "management_server/agents/enrolment.h"

#include "core/base/wire.h"
#include "management_server/agents/enrolment_token.h"
#include "tests/management_server/agents/agents_fixture.h"

namespace coffer {
namespace {

struct EnrolmentTest : AgentsFixture {
    std::string token(const std::string& name = "laptop") {
        return enrolment.makeToken(name, 600, "ann");
    }
    void expectRefused(const EnrolmentOrder& order, const std::string& says,
                       ErrorCode code = ErrorCode::permissionDenied) {
        expectError(
            code, [&] { enrolment.enrol(order); }, says);
    }
};

TEST_F(EnrolmentTest, LetsAnAgentIn) {
    const EnrolmentOrder order = orderFor(token());
    clock.advance(599);
    const CertificateFacts facts = factsOf(enrolment.enrol(order));
    EXPECT_EQ(facts.name, "laptop");
    EXPECT_EQ(facts.role, Role::agent);
    EXPECT_TRUE(registry.accepts(facts));
    const AgentRecord record = registry.get("laptop");
    EXPECT_EQ(record.id, order.agent);
    EXPECT_EQ(record.verifyKey, order.verifyKey);
    EXPECT_EQ(record.enrolled, clock.now());
    EXPECT_FALSE(record.revoked);
    EXPECT_FALSE(record.lastSeen);
    EXPECT_EQ(eventKinds(), Notes{"agent-enrolled"});
}

TEST_F(EnrolmentTest, TokensHoldTheAuthority) {
    const std::string text = token();
    EXPECT_EQ(text.size(), 5U + 64 + 1 + 64);
    EXPECT_TRUE(text.starts_with("cft1-" + authority.fingerprint() + "-"));
    EXPECT_NE(text, token("other"));
}

TEST_F(EnrolmentTest, KeepsNoToken) {
    const std::string text = token();
    const std::string secret = text.substr(text.rfind('-') + 1);
    const Bytes octets = fromHex(secret);
    database.read([&](SqlDatabase& db) {
        SqlStatement row = db.prepare("SELECT hash FROM tokens");
        ASSERT_TRUE(row.step());
        EXPECT_NE(coffer::toBytes(row.blob(0)), octets);
        EXPECT_EQ(coffer::toBytes(row.blob(0)), coffer::toBytes(sha256(octets).view()));
    });
}

TEST_F(EnrolmentTest, TokensServeOnce) {
    const EnrolmentOrder order = orderFor(token());
    enrolment.enrol(order);
    expectRefused(orderFor(order.token), "used already");
    // Not even with one part of it changed.
    EnrolmentOrder other = order;
    other.agent = randomId<AgentId>();
    expectRefused(other, "used already");
    other = order;
    other.verifyKey = randomId<VerifyKey>();
    expectRefused(other, "used already");
    other = order;
    other.request += "\n";
    expectRefused(other, "used already");
}

TEST_F(EnrolmentTest, TheSameOrderGetsTheSameCertificate) {
    const EnrolmentOrder order = orderFor(token());
    const std::string certificate = enrolment.enrol(order);
    clock.advance(300);
    EXPECT_EQ(enrolment.enrol(order), certificate);
    EXPECT_EQ(eventKinds(), Notes{"agent-enrolled"});
    clock.advance(300);
    expectRefused(order, "has ended");
}

TEST_F(EnrolmentTest, TokensEnd) {
    const EnrolmentOrder order = orderFor(token());
    clock.advance(600);
    expectRefused(order, "has ended");
    EXPECT_EQ(enrolment.expire(), 1U);
    EXPECT_EQ(enrolment.expire(), 0U);
    expectRefused(order, "not known");
    expectError(ErrorCode::notFound, [&] { registry.get("laptop"); });
}

TEST_F(EnrolmentTest, RefusesForgedTokens) {
    const std::string good = token();
    EnrolmentOrder order = orderFor(good);
    const auto with = [&](const std::string& text) {
        order.token = text;
        return order;
    };
    std::string changed = good;
    changed.back() = changed.back() == '0' ? '1' : '0';
    expectRefused(with(changed), "not known");
    expectRefused(with(tokenText(authority.fingerprint(), SecretKey::random())), "not known");
    expectRefused(with(tokenText(std::string(64, 'a'), SecretKey::random())), "another authority",
                  ErrorCode::untrusted);
    for (const std::string& text :
         {std::string(), std::string("cft1-"), good.substr(1), good + "0", std::string(134, 'x'),
          "cft2-" + good.substr(5), good.substr(0, 133) + "g", std::string(1 << 20, '-')}) {
        expectRefused(with(text), "", ErrorCode::invalidArgument);
    }
    enrolment.enrol(with(good));
}

TEST_F(EnrolmentTest, ARefusedRequestDoesNotUseTheTokenUp) {
    EnrolmentOrder order = orderFor(token());
    const std::string good = std::exchange(order.request, "nonsense");
    expectRefused(order, "", ErrorCode::invalidArgument);
    order.request = good;
    enrolment.enrol(order);
}

TEST_F(EnrolmentTest, TokensAreBounded) {
    for (const std::uint32_t seconds : {0U, 59U, 604'801U, ~0U}) {
        expectError(ErrorCode::invalidArgument,
                    [&] { enrolment.makeToken("laptop", seconds, "ann"); });
    }
    enrolment.makeToken("a", 60, "ann");
    enrolment.makeToken("b", 604'800, "ann");
    for (const char* name : {"", "a b", "../x", "-x"}) {
        expectError(ErrorCode::invalidArgument, [&] { enrolment.makeToken(name, 600, "ann"); });
    }
}

TEST_F(EnrolmentTest, ANewTokenReplacesTheOneBefore) {
    const EnrolmentOrder first = orderFor(token());
    const EnrolmentOrder second = orderFor(token());
    expectRefused(first, "not known");
    enrolment.enrol(second);
}

TEST_F(EnrolmentTest, NamesAreUniqueUntilRevoked) {
    const EnrolmentOrder first = orderFor(token());
    const CertificateFacts old = factsOf(enrolment.enrol(first));
    expectError(
        ErrorCode::alreadyExists, [&] { token(); }, "revoke it first");
    registry.revoke("laptop");
    const EnrolmentOrder second = orderFor(token());
    const CertificateFacts fresh = factsOf(enrolment.enrol(second));
    EXPECT_EQ(registry.get("laptop").id, second.agent);
    EXPECT_FALSE(registry.get("laptop").revoked);
    EXPECT_TRUE(registry.accepts(fresh));
    EXPECT_FALSE(registry.accepts(old));
    // What the first was given does not come back with the name.
    expectRefused(first, "revoked");
}

TEST_F(EnrolmentTest, RefusesTheIdOfAnotherAgent) {
    const EnrolmentOrder first = orderFor(token());
    enrolment.enrol(first);
    EnrolmentOrder second = orderFor(token("other"));
    second.agent = first.agent;
    expectRefused(second, "another agent has this id", ErrorCode::conflict);
    registry.revoke("laptop");
    expectRefused(second, "another agent has this id", ErrorCode::conflict);
    expectError(ErrorCode::notFound, [&] { registry.get("other"); });
}

TEST_F(EnrolmentTest, RenewsCertificates) {
    const rpc::Caller caller = enrol("laptop");
    const std::string request = makeRequest(makePrivateKey(), "somebody else");
    const CertificateFacts fresh = factsOf(enrolment.renew(caller, request));
    EXPECT_EQ(fresh.name, "laptop");
    EXPECT_EQ(fresh.role, Role::agent);
    EXPECT_NE(fresh.fingerprint, caller.peer->fingerprint);
    EXPECT_TRUE(registry.accepts(fresh));
    EXPECT_TRUE(registry.accepts(*caller.peer));
    expectError(ErrorCode::invalidArgument, [&] { enrolment.renew(caller, "nonsense"); });
    expectError(ErrorCode::invalidArgument,
                [&] { enrolment.renew(caller, std::string(1 << 20, 'x')); });
}

TEST_F(EnrolmentTest, AnAgentHasSoManyCertificatesAndNoMore) {
    rpc::Caller caller = enrol("laptop");
    const CertificateFacts first = *caller.peer;
    const std::string request = makeRequest(makePrivateKey(), "x");
    for (int i = 0; i < 16; ++i) {
        clock.advance(60);
        caller = callerOf(enrolment.renew(caller, request));
    }
    EXPECT_FALSE(registry.accepts(first));
    EXPECT_TRUE(registry.accepts(*caller.peer));
}

TEST_F(EnrolmentTest, TheNewestCertificateCountsWhereOthersEndLater) {
    rpc::Caller caller = enrol("laptop");
    const std::string request = makeRequest(makePrivateKey(), "x");
    clock.advance(86'400);
    for (int i = 0; i < 16; ++i) caller = callerOf(enrolment.renew(caller, request));
    clock.advance(-86'400);
    EXPECT_TRUE(registry.accepts(factsOf(enrolment.renew(caller, request))));
}

TEST_F(EnrolmentTest, RenewsForAgentsAlone) {
    const rpc::Caller caller = enrol("laptop");
    const std::string request = makeRequest(makePrivateKey(), "laptop");
    expectError(ErrorCode::permissionDenied, [&] { enrolment.renew({}, request); });
    rpc::Caller client = caller;
    client.peer->role = Role::client;
    expectError(ErrorCode::permissionDenied, [&] { enrolment.renew(client, request); });
    registry.revoke("laptop");
    expectError(
        ErrorCode::permissionDenied, [&] { enrolment.renew(caller, request); }, "revoked");
}

}  // namespace
}  // namespace coffer
