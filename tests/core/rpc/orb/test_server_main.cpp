// A server for tests of the ORB: orb-test-server AUTHORITY IDENTITY HOST PORT
//
// Writes its port as the first line, then answers each line of its input with one of output:
//   reload       reads the identity anew
//   refuse NAME  refuses certificates of this name from now on
//   stop         ends intake
//   ask          calls the attached agent back
//   hang-up      ends the attached agent's connection
// and ends with its input.
#include <iostream>
#include <map>
#include <set>
#include <string>

#include "core/base/guarded.h"
#include "core/rpc/callback.h"
#include "core/rpc/caller.h"
#include "core/rpc/failure.h"
#include "core/rpc/orb.h"
#include "idl/agent.hh"
#include "idl/management.hh"
#include "tests/core/rpc/orb/bare_session.h"

namespace coffer::rpc {
namespace {

Coffer::Settings* settingsOf(const std::map<std::string, std::string>& map) {
    auto* settings = new Coffer::Settings;
    settings->length(static_cast<CORBA::ULong>(map.size()));
    CORBA::ULong at = 0;
    for (const auto& [name, value] : map) {
        (*settings)[at].name = name.c_str();
        (*settings)[at++].value = value.c_str();
    }
    return settings;
}

/// What the server knows of its caller and the object that is called.
Coffer::Settings* describeCall() {
    const Caller caller = currentCaller();
    const Bytes id = currentObjectId();
    std::map<std::string, std::string> map;
    map["local"] = caller.local ? "yes" : "no";
    if (!caller.address.empty()) map["address"] = caller.address;
    map["object"] = std::string(id.begin(), id.end());
    if (caller.peer) {
        map["name"] = caller.peer->name;
        map["role"] = nameOf(caller.peer->role);
        map["serial"] = caller.peer->serial;
    }
    return settingsOf(map);
}

class TestSession : public BareSession {
  public:
    Coffer::Settings* whoAmI() override {
        return serve("whoAmI", [] { return describeCall(); });
    }
};

class TestGate : public POA_Coffer::Gate {
  public:
    explicit TestGate(Orb& orb) : orb_(orb) {}

    Coffer::Settings* hello() override {
        return serve("hello", [] { return describeCall(); });
    }

    /// Takes any octets in; gives them back to "echo", as a text.
    char* enrolAgent(const char* name, const char*, const Coffer::Octets&,
                     const Coffer::Octets& octets) override {
        if (std::string_view(name) == "echo") {
            const std::string text(octets.get_buffer(), octets.get_buffer() + octets.length());
            return CORBA::string_dup(text.c_str());
        }
        return CORBA::string_dup(std::to_string(octets.length()).c_str());
    }

    /// Who calls, as an object in this process sees it that is asked meanwhile, and afterwards.
    char* enrolClient(const char*, const char*, const char*) override {
        return serve("enrolClient", [&] {
            const CORBA::Object_var object = orb_.reachLocal("CofferGate");
            const Coffer::Gate_var self = Coffer::Gate::_narrow(object);
            Coffer::Settings_var inner = self->hello();
            const std::string text =
                std::string("local ") + inner[0].value.in() + ", then " + requireClient();
            return CORBA::string_dup(text.c_str());
        });
    }

    Coffer::Session_ptr login(const char* user, const char*, CORBA::Long) override {
        return serve("login", [&] {
            const PortableServer::POA_var poa = orb_.poa("sessions");
            const PortableServer::ObjectId_var id = PortableServer::string_to_ObjectId(user);
            const CORBA::Object_var object =
                poa->create_reference_with_id(id, Coffer::Session::_PD_repoId);
            return Coffer::Session::_narrow(object);
        });
    }

  private:
    Orb& orb_;
};

class TestPort : public POA_Coffer::AgentPort {
  public:
    Coffer::AgentLink_ptr attach(Coffer::AgentControl_ptr control, const Coffer::AgentHello&,
                                 Coffer::AgentWelcome_out welcome) override {
        return serve("attach", [&] {
            requireAgent();
            if (!leadsBack(control)) {
                throw Error(ErrorCode::permissionDenied, "a callback that is elsewhere");
            }
            control_.with([&](auto& kept) { kept = Coffer::AgentControl::_duplicate(control); });
            const Coffer::Settings_var answer = control->describe();
            welcome = new Coffer::AgentWelcome;
            welcome->more = answer;
            return Coffer::AgentLink::_nil();
        });
    }

    char* renew(const char*) override { return CORBA::string_dup(""); }

    std::string ask() {
        const auto control = control_.with([](const auto& kept) { return kept; });
        Coffer::Settings_var answer = call("ask the agent", [&] { return control->describe(); });
        return answer[0].value.in();
    }

    void hangUp() {
        rpc::hangUp(control_.with([](const auto& kept) { return kept; }));
    }

  private:
    Guarded<Coffer::AgentControl_var> control_;
};

void answer(Orb& orb, TestPort& port, Guarded<std::set<std::string>>& refused,
            const std::string& command) {
    if (command == "reload") orb.reloadIdentity();
    if (command == "stop") orb.stopIntake();
    if (command == "hang-up") port.hangUp();
    if (command.starts_with("refuse ")) {
        refused.with([&](auto& names) { names.insert(command.substr(7)); });
    }
    std::cout << (command == "ask" ? port.ask() : "done") << std::endl;
}

void run(const OrbSettings& wanted) {
    Guarded<std::set<std::string>> refused;
    OrbSettings settings = wanted;
    settings.accepts = [&](const CertificateFacts& peer) {
        return refused.with([&](const auto& names) { return names.count(peer.name) == 0; });
    };
    Orb orb(settings);
    const PortableServer::Servant_var<TestSession> session(new TestSession);
    const PortableServer::Servant_var<TestGate> gate(new TestGate(orb));
    const PortableServer::Servant_var<TestPort> port(new TestPort);
    const PortableServer::POA_var sessions = orb.poa("sessions", session.in());
    orb.serve("CofferGate", gate.in());
    orb.serve("CofferAgents", port.in());
    std::cout << orb.listening().port << std::endl;
    for (std::string line; std::getline(std::cin, line);) {
        try {
            answer(orb, *port.in(), refused, line);
        } catch (const Error& error) {
            std::cout << "error " << nameOf(error.code()) << ": " << error.what() << std::endl;
        }
    }
}

}  // namespace
}  // namespace coffer::rpc

int main(int count, char** words) {
    if (count != 5) return 2;
    coffer::rpc::OrbSettings settings;
    settings.role = coffer::rpc::OrbRole::server;
    settings.authorityFile = words[1];
    settings.identityFile = words[2];
    settings.listen = {words[3], static_cast<std::uint16_t>(std::stoi(words[4]))};
    try {
        coffer::rpc::run(settings);
    } catch (const coffer::Error& error) {
        std::cout << "error " << nameOf(error.code()) << ": " << error.what() << std::endl;
        return 1;
    }
}
