#include "workstation_agent/enrolment.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "core/rpc/orb.h"
#include "core/trust/private_file.h"

namespace coffer {

namespace {

constexpr std::string_view prefix = "cft1-";
constexpr std::size_t digits = 64;
constexpr std::chrono::milliseconds deadline{30'000};  // of a call
constexpr std::chrono::milliseconds patience{5'000};   // with a server that has just answered

bool isHex(std::string_view text) {
    constexpr std::string_view all = "0123456789abcdefABCDEF";
    return text.size() == digits && text.find_first_not_of(all) == text.npos;
}

/// A file that is gone when it has served.
class PassingFile {
  public:
    PassingFile(Disk& disk, std::string path, std::string_view text)
        : disk_(disk), path_(std::move(path)) {
        writePrivateFile(path_, text);
    }
    ~PassingFile() {
        try {
            disk_.unlink(path_);
        } catch (const Error&) {
            // A public certificate: no harm is done.
        }
    }
    PassingFile(const PassingFile&) = delete;
    PassingFile& operator=(const PassingFile&) = delete;

    const std::string& path() const { return path_; }

  private:
    Disk& disk_;
    const std::string path_;
};

// What a person can do about it, where the error itself does not tell.
Error explained(const Error& error, const Endpoint& server) {
    std::string hint;
    switch (error.code()) {
        case ErrorCode::unavailable:
            hint = "the server cannot be reached at " + server.text() +
                   ": check the address, and whether it runs";
            break;
        case ErrorCode::untrusted:
            hint = "who answers at " + server.text() +
                   " is not the server that the token is from: check the address, do not go on";
            break;
        case ErrorCode::permissionDenied:
        case ErrorCode::notFound:
            hint =
                "the server does not take the token, which serves once and for a limited time: "
                "get a new one";
            break;
        default:
            return error;
    }
    return Error(error.code(), hint + " (" + error.what() + ")");
}

std::string certificateFrom(Coffer::Gate_ptr gate, const EnrolmentToken& token,
                            const std::string& key, const AgentIdentity& identity) {
    const std::string request = makeRequest(key, "agent");  // the token says which name it gets
    rpc::setDeadline(deadline);
    std::string certificate;
    // The token serves once, but the very same request is answered again.
    rpc::repeat({.patience = patience}, CancelToken(), [&] {
        certificate = rpc::call("enrol", [&] {
            const CORBA::String_var made =
                gate->enrolAgent(token.text.c_str(), request.c_str(), rpc::toOctets(identity.id),
                                 rpc::toOctets(identity.sign.verifyKey()));
            return std::string(made);
        });
    });
    return certificate;
}

}  // namespace

EnrolmentToken EnrolmentToken::parse(std::string_view text) {
    const auto isSpace = [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; };
    while (!text.empty() && isSpace(text.front())) text.remove_prefix(1);
    while (!text.empty() && isSpace(text.back())) text.remove_suffix(1);
    EnrolmentToken token;
    token.text = text;
    const bool fits = text.size() == prefix.size() + digits + 1 + digits &&
                      text.starts_with(prefix) && text[prefix.size() + digits] == '-';
    if (fits) token.fingerprint = text.substr(prefix.size(), digits);
    if (!fits || !isHex(token.fingerprint) || !isHex(text.substr(text.size() - digits))) {
        throw Error(ErrorCode::invalidArgument,
                    "this is no enrolment token: it looks like cft1-…-…, is one line of " +
                        std::to_string(prefix.size() + 2 * digits + 1) +
                        " characters, and comes from 'coffer enrol-token NAME'");
    }
    return token;
}

EnrolmentWay enrolmentOverNetwork() {
    EnrolmentWay way;
    way.fetchAuthority = fetchAuthority;
    way.withGate = [](const Endpoint& server, const std::string& authorityFile,
                      const std::function<void(Coffer::Gate_ptr)>& work) {
        rpc::OrbSettings settings;
        settings.role = rpc::OrbRole::client;
        settings.authorityFile = authorityFile;
        rpc::Orb orb(settings);
        const CORBA::Object_var object = orb.reach(server, "CofferGate");
        const Coffer::Gate_var gate = Coffer::Gate::_unchecked_narrow(object);
        work(gate);
    };
    return way;
}

std::string enrol(AgentFolder& folder, const Endpoint& server, const EnrolmentToken& token,
                  const EnrolmentWay& way, AgentKeysOf keys) {
    try {
        const std::string authority = way.fetchAuthority(server, token.fingerprint);
        const PassingFile file(folder.disk(), folder.authorityFile() + ".new", authority);
        const std::string key = makePrivateKey();
        const AgentIdentity identity =
            keys == AgentKeysOf::before ? folder.identity() : AgentIdentity::random();
        std::string certificate;
        way.withGate(server, file.path(), [&](Coffer::Gate_ptr gate) {
            certificate = certificateFrom(gate, token, key, identity);
        });
        const CertificateFacts facts = factsOf(certificate);
        if (facts.role != Role::agent) {
            throw Error(ErrorCode::untrusted, "the server gave a certificate that is no agent's");
        }
        // The certificate comes last: with it the computer counts as enrolled.
        writePrivateFile(folder.authorityFile(), authority);
        identity.save(folder.secrets());
        writePrivateFile(folder.certificateFile(), certificate + key);
        return facts.name;
    } catch (const Error& error) {
        throw explained(error, server);
    }
}

}  // namespace coffer
