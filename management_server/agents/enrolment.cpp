#include "management_server/agents/enrolment.h"

#include "core/base/error.h"
#include "core/base/wire.h"
#include "core/service/log.h"
#include "core/trust/validity.h"
#include "management_server/agents/agent_rows.h"
#include "management_server/agents/enrolment_token.h"
#include "management_server/database/columns.h"

namespace coffer {

namespace {

// Long: an agent that was switched off for months should still get in. Revocation does not wait
// for the end.
constexpr std::uint32_t shortestToken = 60;
constexpr std::uint32_t longestToken = 604'800;
constexpr std::int64_t mostTokens = 1'000;
constexpr std::size_t longestRequest = 16 << 10;
constexpr std::uint32_t askAgainMs = 1'000;
constexpr std::int64_t nanosecondsOfSecond = 1'000'000'000;

[[noreturn]] void refuseToken(const char* why) {
    throw Error(ErrorCode::permissionDenied, std::string("the token is refused: ") + why);
}

void checkFree(const std::optional<AgentRecord>& agent, ErrorCode otherwise) {
    if (!agent || agent->revoked) return;
    throw Error(otherwise, "there is an agent of this name: revoke it first");
}

void insertToken(SqlDatabase& database, const Digest& hash, const std::string& agent,
                 const std::string& user, Timestamp now, std::uint32_t validSeconds) {
    SqlStatement row =
        database.prepare("INSERT INTO tokens VALUES(?, ?, ?, ?, ?, 0, zeroblob(0), zeroblob(0))");
    row.bind(1, hash.view());
    bindText(row, 2, agent);
    bindText(row, 3, user);
    row.bind(4, toColumn(now));
    row.bind(5, toColumn(now + validSeconds * nanosecondsOfSecond));
    row.run();
}

void dropUnused(SqlDatabase& database, const std::string& agent) {
    SqlStatement drop = database.prepare("DELETE FROM tokens WHERE agent=? AND used=0");
    bindText(drop, 1, agent);
    drop.run();
}

std::int64_t countTokens(SqlDatabase& database) {
    SqlStatement row = database.prepare("SELECT count(*) FROM tokens");
    return row.step() ? row.integer(0) : 0;
}

// By it "the very same order" is known again.
Digest digestOf(const EnrolmentOrder& order) {
    WireWriter writer;
    writer.sized(order.request);
    writer.raw(order.agent.view());
    writer.raw(order.verifyKey.view());
    return sha256(writer.bytes());
}

}  // namespace

struct Enrolment::Token {
    Digest hash;
    std::string agent;
    bool used = false;
    Bytes order;  // digest of what it was used for
    std::string certificate;
};

Enrolment::Enrolment(ServerDatabase& database, const Clock& clock,
                     const CertificateAuthority& authority, AgentRegistry& registry,
                     EventRecorder* events)
    : database_(database),
      clock_(clock),
      authority_(authority),
      fingerprint_(authority.fingerprint()),
      registry_(registry),
      events_(events) {}

std::string Enrolment::makeToken(const std::string& agent, std::uint32_t validSeconds,
                                 const std::string& user) {
    checkPrincipalName(agent, "an agent's");
    if (validSeconds < shortestToken || validSeconds > longestToken) {
        throw Error(ErrorCode::invalidArgument, "a token is good for 60 to 604,800 seconds");
    }
    const SecretKey secret = SecretKey::random();
    expire();
    database_.change([&](SqlDatabase& database) {
        checkFree(readAgent(database, agent), ErrorCode::alreadyExists);
        dropUnused(database, agent);
        if (countTokens(database) >= mostTokens) {
            throw Error(ErrorCode::limitExceeded, "too many tokens wait for their agents");
        }
        insertToken(database, sha256(secret.view()), agent, user, clock_.now(), validSeconds);
    });
    log(LogLevel::info, "token.made",
        {{"agent", agent}, {"user", user}, {"seconds", std::to_string(validSeconds)}});
    return tokenText(fingerprint_, secret);
}

std::string Enrolment::enrol(const EnrolmentOrder& order) {
    const Digest hash = tokenHash(order.token, fingerprint_);
    const Digest digest = digestOf(order);
    bool again = false;
    std::string agent;
    const auto work = [&](SqlDatabase& database) {
        const Token token = readToken(database, hash);
        agent = token.agent;
        if (token.used) {
            if (token.order != toBytes(digest.view())) refuseToken("it was used already");
            const auto present = readAgent(database, agent);
            if (!present || present->revoked || present->id != order.agent) {
                refuseToken("its agent is revoked");
            }
            again = true;
            return token.certificate;
        }
        checkFree(readAgent(database, agent), ErrorCode::conflict);
        std::string made = authority_.sign(order.request, agent, Role::agent, agentValidity);
        enter(database, token, order, made);
        return made;
    };
    std::string certificate;
    try {
        certificate = database_.change(work);
    } catch (...) {
        registry_.readCertificates({agent});
        throw;
    }
    if (!again) {
        log(LogLevel::info, "agent.enrolled",
            {{"agent", agent}, {"fingerprint", fingerprintOf(certificate)}});
        if (events_) events_->add("agent-enrolled", agent, agent + " has enrolled");
    }
    return certificate;
}

Enrolment::Token Enrolment::readToken(SqlDatabase& database, const Digest& hash) const {
    SqlStatement row = database.prepare(
        "SELECT agent, expires, used, request, certificate FROM tokens WHERE hash=?");
    row.bind(1, hash.view());
    if (!row.step()) refuseToken("it is not known, or has ended");
    if (timeAt(row, 1) <= clock_.now()) refuseToken("it has ended");
    return {hash, textAt(row, 0), row.integer(2) != 0, coffer::toBytes(row.blob(3)),
            textAt(row, 4)};
}

void Enrolment::enter(SqlDatabase& database, const Token& token, const EnrolmentOrder& order,
                      const std::string& certificate) {
    const auto owner = agentOfId(database, order.agent);
    if (owner && *owner != token.agent) {
        throw Error(ErrorCode::conflict, "another agent has this id: make new secrets");
    }
    const Timestamp now = clock_.now();
    writeAgent(database, {.name = token.agent,
                          .id = order.agent,
                          .verifyKey = order.verifyKey,
                          .enrolled = now,
                          .revoked = {},
                          .lastSeen = {},
                          .facts = {}});
    writeCertificate(database, token.agent, factsOf(certificate));
    SqlStatement row =
        database.prepare("UPDATE tokens SET used=?, request=?, certificate=? WHERE hash=?");
    row.bind(1, toColumn(now)).bind(2, digestOf(order).view());
    bindText(row, 3, certificate);
    row.bind(4, token.hash.view()).run();
    registry_.certificatesChanged(database, token.agent);
}

std::string Enrolment::renew(const rpc::Caller& caller, const std::string& request) {
    const std::string agent = registry_.callingAgent(caller);
    if (request.size() > longestRequest) {
        throw Error(ErrorCode::invalidArgument, "a certificate request of more than 16 KiB");
    }
    // With the name of before: that of a certificate stays, whatever its agent is called.
    std::string certificate =
        authority_.sign(request, caller.peer->name, Role::agent, agentValidity);
    registry_.changeCertificates({agent}, [&](SqlDatabase& database) {
        const auto present = readAgent(database, agent);
        if (!present || present->revoked || !registry_.accepts(*caller.peer)) {
            throw Error(ErrorCode::permissionDenied, "the agent's certificate is revoked");
        }
        // The name may be another machine's by now.
        if (registry_.callingAgent(caller) != agent) {
            throw Error(ErrorCode::unavailable, "the agent was renamed: ask again")
                .withRetryAfter(askAgainMs);
        }
        writeCertificate(database, agent, factsOf(certificate));
        registry_.certificatesChanged(database, agent);
    });
    log(LogLevel::info, "agent.renewed",
        {{"agent", agent}, {"fingerprint", fingerprintOf(certificate)}});
    return certificate;
}

std::size_t Enrolment::expire() {
    return database_.change([&](SqlDatabase& database) {
        const std::int64_t now = toColumn(clock_.now());
        SqlStatement over = database.prepare("SELECT count(*) FROM tokens WHERE expires<=?");
        over.bind(1, now);
        const std::int64_t count = over.step() ? over.integer(0) : 0;
        if (count == 0) return std::size_t{0};
        SqlStatement drop = database.prepare("DELETE FROM tokens WHERE expires<=?");
        drop.bind(1, now).run();
        return static_cast<std::size_t>(count);
    });
}

}  // namespace coffer
