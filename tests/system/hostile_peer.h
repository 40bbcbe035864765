#pragma once

#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "core/rpc/orb.h"
#include "idl/management.hh"
#include "idl/repository.hh"
#include "tests/system/hostile_control.h"

namespace coffer {

constexpr std::size_t mib = 1 << 20;

inline Coffer::Octets octetsOf(std::size_t size, std::uint8_t value = 0x5a) {
    return rpc::toOctets(Bytes(size, value));
}

inline Coffer::Settings settingsOf(CORBA::ULong count, const std::string& value) {
    Coffer::Settings settings;
    settings.length(count);
    for (CORBA::ULong at = 0; at < count; ++at) {
        settings[at].name = ("fact-" + std::to_string(at)).c_str();
        settings[at].value = value.c_str();
    }
    return settings;
}

/// What attacks are made with.
class Peer {
  public:
    Peer(const std::string& server, const std::string& authority, const std::string& identity,
         std::vector<std::string> arguments)
        : server_(Endpoint::parse(server)),
          orb_({.role = identity.empty() ? rpc::OrbRole::client : rpc::OrbRole::agent,
                .authorityFile = authority,
                .identityFile = identity}),
          arguments_(std::move(arguments)) {
        rpc::setDeadline(std::chrono::seconds(60));
    }

    template <class Interface>
    typename Interface::_var_type reach(const char* name) {
        const CORBA::Object_var object = orb_.reach(server_, name);
        return Interface::_unchecked_narrow(object);
    }

    /// The reference that argument `at` is.
    template <class Interface>
    typename Interface::_var_type given(std::size_t at = 0) {
        const CORBA::Object_var object = orb_.reachAgain(server_, arguments_.at(at));
        return Interface::_unchecked_narrow(object);
    }

    const std::string& argument(std::size_t at = 0) const { return arguments_.at(at); }

    std::string text(CORBA::Object_ptr object) {
        return CORBA::String_var(orb_.get()->object_to_string(object)).in();
    }

    Coffer::AgentControl_var control() {
        const PortableServer::POA_var poa = orb_.poa("control");
        PortableServer::Servant_var<HostileControl> servant(new HostileControl);
        const PortableServer::ObjectId_var id = PortableServer::string_to_ObjectId("hostile");
        poa->activate_object_with_id(id, servant);
        const CORBA::Object_var object = poa->id_to_reference(id);
        return Coffer::AgentControl::_narrow(object);
    }

  private:
    const Endpoint server_;
    rpc::Orb orb_;
    const std::vector<std::string> arguments_;
};

inline void say(const std::string& line) {
    std::cout << line << std::endl;  // whoever reads it waits for it
}

/// Tries `work` and says what came of it.
inline void attempt(const std::string& name, const std::function<void()>& work) {
    try {
        rpc::call("try", work);
        say(name + ": ACCEPTED");
    } catch (const Error& error) {
        std::string message = error.what();
        say(name + ": refused " + std::string(nameOf(error.code())) + ": " +
            message.substr(0, 300));
    }
}

inline Coffer::AgentHello hello(CORBA::Long level = Coffer::protocolLevel) {
    Coffer::AgentHello hello;
    hello.level = level;
    return hello;
}

inline Coffer::AgentLink_var attach(Peer& peer, Coffer::AgentControl_ptr control,
                                    const Coffer::AgentHello& hello) {
    Coffer::AgentWelcome_var welcome;
    return peer.reach<Coffer::AgentPort>("CofferAgents")->attach(control, hello, welcome.out());
}

/// Asks the store to begin a backup.
void backUp(Peer& peer, const std::string& name, const Coffer::Octets& token,
            const Coffer::Octets& base = {});

/// Asks for certificates under a name that is another's.
void renewals(Peer& peer);

using Attacks = std::map<std::string, void (*)(Peer&)>;
const Attacks& agentAttacks();
const Attacks& storeAttacks();
const Attacks& clientAttacks();

}  // namespace coffer
