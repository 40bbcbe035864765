#include "management_server/access/gate.h"

#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "core/service/log.h"
#include "management_server/access/protocol_level.h"

namespace coffer {

namespace {

constexpr std::chrono::hours clientValidity{90 * 24};
constexpr std::size_t longestRequest = 16 << 10;

void checkRequest(const char* request) {
    if (std::string_view(request).size() > longestRequest) {
        throw Error(ErrorCode::invalidArgument, "a certificate request of more than 16 KiB");
    }
}

// Of a client that calls from outside, and of this very user.
void checkCertificate(const rpc::Caller& caller, const std::string& user) {
    if (caller.local) return;
    if (!caller.is(Role::client)) {
        throw Error(ErrorCode::permissionDenied,
                    "a login needs a client's certificate: enrol this program first");
    }
    if (caller.peer->name != user) {
        log(LogLevel::warning, "login.foreign",
            {{"user", user.substr(0, longestCommonName)}, {"certificate", caller.peer->name}});
        throw Error(ErrorCode::permissionDenied, "the certificate is another user's");
    }
}

std::string shownProof(const KnownUser& user) {
    if (user.token) return "token " + user.token->id;
    return user.groups ? "directory" : "password";
}

SessionStart startOf(const KnownUser& user) {
    if (!user.token) {
        return {.mustChange = user.mustChange, .needsCode = user.needsCode, .groups = user.groups};
    }
    return {.token = user.token->id, .grants = user.token->grants, .ends = user.token->expires};
}

}  // namespace

Gate::Gate(GateParts parts) : parts_(std::move(parts)), tokens_(parts_.clock, addressLimits()) {}

Coffer::Settings* Gate::hello() {
    return rpc::serve("hello", [&] {
        Coffer::Settings_var said =
            new Coffer::Settings(rpc::toSettings({{"level", std::to_string(Coffer::protocolLevel)},
                                                  {"oldest-level", std::to_string(oldestLevel())},
                                                  {"version", parts_.version},
                                                  {"features", "tasks"}}));
        return said._retn();
    });
}

char* Gate::enrolAgent(const char* token, const char* request, const Coffer::Octets& agentId,
                       const Coffer::Octets& verifyKey) {
    return rpc::serve("enrolAgent", [&] {
        checkRequest(request);
        const EnrolmentOrder order{token, request, rpc::toId<AgentId>(agentId),
                                   rpc::toId<VerifyKey>(verifyKey)};
        const std::string address = parts_.caller().address;
        AttemptLimiter::Attempt attempt = tokens_.admit(address);
        try {
            return CORBA::string_dup(parts_.enrolAgent(order).c_str());
        } catch (const Error& error) {
            log(LogLevel::warning, "enrolment.refused",
                {{"agent", order.agent.hex()}, {"address", address}, {"error", error.what()}});
            if (error.code() == ErrorCode::permissionDenied && !address.empty()) attempt.failed();
            throw;
        }
    });
}

char* Gate::enrolClient(const char* user, const char* password, const char* request) {
    return rpc::serve("enrolClient", [&] {
        checkRequest(request);
        const std::string address = parts_.caller().address;
        const KnownUser known =
            parts_.authentication.check(user, password, Authentication::Proof::none, address);
        const std::string certificate =
            parts_.authority.sign(request, known.name, Role::client, clientValidity);
        parts_.authentication.checkPlace(known, address);
        log(LogLevel::info, "client.enrolled",
            {{"user", known.name}, {"fingerprint", fingerprintOf(certificate)}});
        return CORBA::string_dup(certificate.c_str());
    });
}

UserSession Gate::begin(const KnownUser& user, const std::string& address) {
    UserSession session = parts_.sessions.begin(user.name, startOf(user));
    try {
        parts_.authentication.checkPlace(user, address);
    } catch (...) {
        parts_.sessions.end(session.id);
        throw;
    }
    return session;
}

Coffer::Session_ptr Gate::login(const char* user, const char* password, CORBA::Long level) {
    return rpc::serve("login", [&] {
        checkLevel(level);
        const rpc::Caller caller = parts_.caller();
        checkCertificate(caller, user);
        const KnownUser known = parts_.authentication.check(
            user, password, Authentication::Proof::certificate, caller.address);
        const UserSession session = begin(known, caller.address);
        parts_.sessions.audited(session, {"login", known.name, {}, {{"by", shownProof(known)}}},
                                [] {});
        log(LogLevel::info, "login", {{"user", known.name}, {"address", caller.address}});
        return parts_.refer(session);
    });
}

}  // namespace coffer
