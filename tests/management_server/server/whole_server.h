#pragma once

#include <memory>
#include <optional>

#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "idl/management.hh"
#include "management_server/server/server.h"
#include "tests/management_server/server/server_fixture.h"

namespace coffer {

/// A whole server in this process, and its user.
class WholeServer : public ServerFixture {
  protected:
    WholeServer() {
        initialise();
        authority.emplace(CertificateAuthority::load(state.path(), clock));
        settings = ServerSettings::read({state.settingsFile()});
        begin();
    }
    ~WholeServer() override { end(); }

    void begin() {
        server = std::make_unique<Server>(
            ServerParts{state, settings, *authority, hasher, clock, "1.2.3"});
        orb = std::make_unique<rpc::Orb>(rpc::OrbSettings{.role = rpc::OrbRole::embedded});
        server->serve(*orb);
        const CORBA::Object_var object = orb->reachLocal("CofferGate");
        gate = Coffer::Gate::_narrow(object);
    }

    void end() {
        session = Coffer::Session::_nil();
        gate = Coffer::Gate::_nil();
        if (server) server->stop();
        orb.reset();
        server.reset();
    }

    /// The session of admin, whose password is a lasting one from now on.
    void login() {
        session = gate->login("admin", password.c_str(), Coffer::protocolLevel);
        const rpc::SettingMap who = rpc::toMap(Coffer::Settings_var(session->whoAmI()).in());
        if (who.at("must-change") == "no") return;
        session->changePassword(password.c_str(), goodPassword.c_str());
        password = goodPassword;
    }

    template <class Work>
    void expectFailed(ErrorCode code, Work&& work, const std::string& text = "") {
        expectError(
            code, [&] { rpc::call("test", std::forward<Work>(work)); }, text);
    }

    std::optional<CertificateAuthority> authority;
    ServerSettings settings;
    std::unique_ptr<Server> server;
    std::unique_ptr<rpc::Orb> orb;
    Coffer::Gate_var gate;
    Coffer::Session_var session;
};

}  // namespace coffer
