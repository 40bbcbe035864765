#include "tests/core/rpc/orb/test_network.h"

#include "core/rpc/failure.h"
#include "core/trust/private_file.h"

namespace coffer {

namespace {

constexpr std::chrono::hours day{24};

}  // namespace

std::string TestNetwork::identity(const std::string& name, Role role) {
    const std::string file = folder_ / (name + std::to_string(++count_) + ".pem");
    renew(file, name, role);
    return file;
}

std::string TestNetwork::expired(const std::string& name, Role role) {
    const ManualClock past(clock_.now().seconds - 2 * 86'400);
    const auto authority = CertificateAuthority::load(folder_.path(), past);
    const std::string file = folder_ / (name + std::to_string(++count_) + ".pem");
    const std::string key = makePrivateKey();
    writePrivateFile(file, authority.sign(makeRequest(key, name), name, role, day) + key);
    return file;
}

std::string TestNetwork::renew(const std::string& identityFile, const std::string& name,
                               Role role) {
    const std::string key = makePrivateKey();
    const std::string certificate = authority_.sign(makeRequest(key, name), name, role, day);
    writePrivateFile(identityFile, certificate + key);
    return factsOf(certificate).serial;
}

rpc::OrbSettings TestNetwork::settings(rpc::OrbRole role, const std::string& identityFile) const {
    rpc::OrbSettings settings;
    settings.role = role;
    settings.authorityFile = authority();
    settings.identityFile = identityFile;
    return settings;
}

std::string valueIn(const Coffer::Settings& settings, const std::string& name) {
    for (CORBA::ULong at = 0; at < settings.length(); ++at) {
        if (name == settings[at].name.in()) return settings[at].value.in();
    }
    return "none";
}

Coffer::Gate_var gateOf(rpc::Orb& orb, const Endpoint& server) {
    const CORBA::Object_var object = orb.reach(server, "CofferGate");
    return Coffer::Gate::_unchecked_narrow(object);
}

Coffer::Settings_var hello(Coffer::Gate_ptr gate) {
    return rpc::call("say hello", [&] { return gate->hello(); });
}

}  // namespace coffer
