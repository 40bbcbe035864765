#include "management_panel/client/login.h"

#include <boost/filesystem.hpp>

#include "core/base/error.h"
#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "core/rpc/orb.h"
#include "core/trust/certificate.h"
#include "core/trust/private_file.h"
#include "idl/management.hh"
#include "management_panel/client/connection.h"

namespace coffer::client {

namespace {

constexpr std::int64_t renewBefore = 14 * 24 * 3600;  // seconds before a certificate ends

void removeFile(const std::string& path) {
    boost::system::error_code ignored;
    boost::filesystem::remove(path, ignored);
}

/// The authority to believe in, as PEM.
std::string authorityFor(const ClientFolder& folder, const LoginOrder& order) {
    if (!order.fingerprint.empty()) return fetchAuthority(order.server, order.fingerprint);
    if (!order.authority.empty()) {
        static_cast<void>(fingerprintOf(order.authority));
        return order.authority;
    }
    try {
        return readTextFile(folder.authorityFile());
    } catch (const Error& error) {
        if (error.code() != ErrorCode::notFound) throw;
        throw Error(
            ErrorCode::invalidArgument,
            "this is the first login: give the fingerprint of the server's authority "
            "(--fingerprint HEX) or its certificate (--ca FILE): 'coffer-server init' shows "
            "the one and keeps the other as authority.pem in its state folder");
    }
}

// What another authority has signed is of no use with this one.
void settleAuthority(const ClientFolder& folder, const std::string& authority) {
    try {
        if (fingerprintOf(readTextFile(folder.authorityFile())) == fingerprintOf(authority)) return;
    } catch (const Error&) {
        // Missing or damaged: this is the first one.
    }
    removeFile(folder.identityFile());
    removeFile(folder.sessionFile());
    writePrivateFile(folder.authorityFile(), authority);
}

bool hasCertificate(const ClientFolder& folder, const std::string& user, const Clock& clock) {
    try {
        const CertificateFacts facts = factsOf(readTextFile(folder.identityFile()));
        return facts.role == Role::client && facts.name == user && facts.notBefore <= clock.now() &&
               facts.notAfter.seconds - renewBefore > clock.now().seconds;
    } catch (const Error&) {
        return false;
    }
}

Coffer::Gate_var gateOf(rpc::Orb& orb, const Endpoint& server) {
    const CORBA::Object_var object = orb.reach(server, "CofferGate");
    return Coffer::Gate::_unchecked_narrow(object);
}

void enrol(const ClientFolder& folder, const LoginOrder& order) {
    const std::string key = makePrivateKey();
    const std::string request = makeRequest(key, order.user);
    rpc::Orb orb({.role = rpc::OrbRole::client, .authorityFile = folder.authorityFile()});
    const Coffer::Gate_var gate = gateOf(orb, order.server);
    const CORBA::String_var certificate = rpc::call("ask for a certificate", [&] {
        return gate->enrolClient(order.user.c_str(), order.password.c_str(), request.c_str());
    });
    const CertificateFacts facts = factsOf(certificate.in());
    if (facts.role != Role::client || facts.name != order.user) {
        throw Error(ErrorCode::untrusted, "the server's certificate is for somebody else");
    }
    writePrivateFile(folder.identityFile(), certificate.in() + key);
}

void enterCode(Coffer::Session_ptr session, const LoginOrder& order) {
    if (!order.code)
        throw Error(ErrorCode::permissionDenied, "a code of the second factor is needed");
    const std::string code = order.code();
    rpc::call("enter the code", [&] { session->enterCode(code.c_str()); });
}

}  // namespace

LoginAnswer logIn(const ClientFolder& folder, const LoginOrder& order, const Clock& clock) {
    const std::string authority = authorityFor(folder, order);
    folder.make();
    settleAuthority(folder, authority);
    if (order.renew || !hasCertificate(folder, order.user, clock)) enrol(folder, order);
    rpc::Orb orb({.role = rpc::OrbRole::client,
                  .authorityFile = folder.authorityFile(),
                  .identityFile = folder.identityFile()});
    const Coffer::Gate_var gate = gateOf(orb, order.server);
    const Coffer::Session_var session = rpc::call("log in", [&] {
        return gate->login(order.user.c_str(), order.password.c_str(), Coffer::protocolLevel);
    });
    const CORBA::String_var reference = orb.get()->object_to_string(session);
    saveSession(folder, {order.server, order.user, reference.in()});
    const Coffer::Settings_var said =
        rpc::call("look at the session", [&] { return Coffer::Settings_var(session->whoAmI()); });
    const rpc::SettingMap facts = rpc::toMap(said);
    const auto factor = facts.find("second-factor");
    if (factor != facts.end() && factor->second == "needed") enterCode(session, order);
    return {rpc::truthIn(facts, "must-change", false)};
}

void logOut(const ClientFolder& folder) {
    SavedSession saved = loadSession(folder);
    if (saved.reference.empty()) throw Error(ErrorCode::loginAgain, "nobody is logged in");
    const auto forget = [&] {
        saved.reference.clear();
        saveSession(folder, saved);
    };
    try {
        Connection connection(folder);
        rpc::call("log out", [&] { connection.session()->logout(); });
    } catch (const Error& error) {
        forget();
        if (error.code() == ErrorCode::loginAgain || error.code() == ErrorCode::gone) return;
        throw error.within("the session is forgotten here, but it may live on at the server");
    }
    forget();
}

}  // namespace coffer::client
