#include "management_server/access/upcall.h"

#include "core/rpc/failure.h"
#include "management_server/access/gate.h"
#include "management_server/access/session_servant.h"
#include "tests/management_server/access/access_fixture.h"

namespace coffer {
namespace {

/// The whole way in, through an ORB within the process.
struct Upcalls : UsersFixture {
    rpc::Orb orb{{.role = rpc::OrbRole::embedded}};
    Authentication authentication{users, tokens, factors, clock};
    CertificateAuthority authority = CertificateAuthority::create(folder.path(), clock);
    SessionTable sessions{clock, sessionCalls(everyRole)};

    SessionReferences references() {
        return [this](const std::string& poa, const UserSession& session, const char* type) {
            return referenceIn(orb, poa, session.id.view(), type);
        };
    }

    void serve() {
        const PortableServer::Servant_var<SessionServant> session = new SessionServant(
            sessions, users, authentication, references(), [] { return std::string(); });
        const PortableServer::POA_var poa = orb.poa("sessions", session);
        const PortableServer::Servant_var<Gate> gate =
            new Gate({.authority = authority,
                      .authentication = authentication,
                      .sessions = sessions,
                      .clock = clock,
                      .enrolAgent = {},
                      .refer =
                          [this](const UserSession& begun) {
                              const CORBA::Object_var made = referenceIn(
                                  orb, "sessions", begun.id.view(), Coffer::Session::_PD_repoId);
                              return Coffer::Session::_unchecked_narrow(made);
                          },
                      .version = "1"});
        orb.serve("CofferGate", gate);
    }

    Coffer::Session_var logIn() {
        const CORBA::Object_var object = orb.reachLocal("CofferGate");
        const Coffer::Gate_var gate = Coffer::Gate::_narrow(object);
        return gate->login("ann", goodPassword.c_str(), Coffer::protocolLevel);
    }
};

TEST_F(Upcalls, LeadFromTheGateToASession) {
    serve();
    const Coffer::Session_var one = logIn();
    const Coffer::Session_var other = logIn();
    EXPECT_EQ(sessions.count(), 2U);
    one->logout();
    EXPECT_EQ(sessions.count(), 1U);
    expectError(ErrorCode::loginAgain,
                [&] { rpc::call("ask", [&] { Coffer::Settings_var said = one->whoAmI(); }); });
    const Coffer::Settings_var said = other->whoAmI();
    EXPECT_GT(said.in().length(), 0U);
    const Coffer::RunManager_var runs = other->runs();
    EXPECT_FALSE(CORBA::is_nil(runs));
}

}  // namespace
}  // namespace coffer
