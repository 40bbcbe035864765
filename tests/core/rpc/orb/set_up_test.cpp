#include <gtest/gtest.h>

#include <thread>

#include "core/rpc/caller.h"
#include "core/rpc/failure.h"
#include "core/trust/private_file.h"
#include "tests/core/rpc/orb/bare_session.h"
#include "tests/core/rpc/orb/test_network.h"
#include "tests/core/rpc/orb/test_server_posix.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

using rpc::Orb;
using rpc::OrbRole;

TEST(OrbSetUp, AllowsOneOfAProcessAtATime) {
    for (int i = 0; i < 3; ++i) {
        Orb orb({.role = OrbRole::embedded});
        expectError(ErrorCode::conflict, [] { Orb second({.role = OrbRole::embedded}); });
    }
}

TEST(OrbSetUp, SaysThatAPortIsTaken) {
    TestNetwork network;
    const TestServer server(network.authority(), network.server());
    auto settings = network.settings(OrbRole::server, network.server());
    settings.listen = server.endpoint();
    for (int i = 0; i < 2; ++i) {
        expectError(
            ErrorCode::busy, [&] { Orb orb(settings); }, settings.listen.text());
    }
    settings.listen.port = 0;
    const Orb orb(settings);
    EXPECT_NE(orb.listening().port, 0);
    EXPECT_EQ(orb.listening().host, "127.0.0.1");
    EXPECT_EQ(listeningSockets(), 1);
}

TEST(OrbSetUp, NeedsSoundFiles) {
    TestNetwork network;
    const auto refused = [&](ErrorCode code, const std::string& authority,
                             const std::string& identity) {
        auto settings = network.settings(OrbRole::client, identity);
        settings.authorityFile = authority;
        expectError(code, [&] { Orb orb(settings); });
    };
    const std::string sound = network.identity("a", Role::client);
    const std::string other = network.identity("b", Role::client);
    const std::string bad = network.folder() / "bad.pem";
    writePrivateFile(bad, "nothing");
    refused(ErrorCode::notFound, network.folder() / "none", sound);
    refused(ErrorCode::notFound, network.authority(), network.folder() / "none");
    refused(ErrorCode::corrupt, bad, sound);
    refused(ErrorCode::corrupt, network.authority(), bad);
    const std::string otherKey = readTextFile(other);
    writePrivateFile(bad, readTextFile(network.authority()) +
                              otherKey.substr(otherKey.find("-----BEGIN PRIVATE KEY")));
    refused(ErrorCode::wrongKey, network.authority(), bad);
    Orb orb(network.settings(OrbRole::client, sound));
}

TEST(OrbSetUp, OpensNoPortButAServers) {
    TestNetwork network;
    for (const OrbRole role :
         {OrbRole::agent, OrbRole::worker, OrbRole::client, OrbRole::embedded}) {
        const Orb orb(network.settings(role));
        EXPECT_EQ(listeningSockets(), 0);
    }
}

/// Says who calls.
class LocalSession : public BareSession {
  public:
    Coffer::Settings* whoAmI() override {
        const Bytes id = rpc::currentObjectId();
        auto* answer = new Coffer::Settings;
        answer->length(1);
        (*answer)[0].name = std::string(id.begin(), id.end()).c_str();
        (*answer)[0].value = rpc::currentCaller().local ? "local" : "remote";
        return answer;
    }
};

class Embedded : public testing::Test {
  protected:
    std::string ask(const CORBA::Object_var& object, const std::string& id) {
        const Coffer::Session_var session = Coffer::Session::_narrow(object);
        const Coffer::Settings_var answer = session->whoAmI();
        return valueIn(answer, id);
    }

    CORBA::Object_ptr objectIn(PortableServer::POA_ptr poa, const char* name) {
        const PortableServer::ObjectId_var id = PortableServer::string_to_ObjectId(name);
        return poa->create_reference_with_id(id, Coffer::Session::_PD_repoId);
    }

    Orb orb_{{.role = OrbRole::embedded}};
    const PortableServer::Servant_var<LocalSession> servant_{new LocalSession};
};

TEST_F(Embedded, ServesByName) {
    orb_.serve("Name", servant_.in());
    EXPECT_EQ(ask(orb_.reachLocal("Name"), "Name"), "local");
}

TEST_F(Embedded, ServesManyObjectsByOneServant) {
    const PortableServer::POA_var poa = orb_.poa("many", servant_.in());
    EXPECT_EQ(ask(objectIn(poa, "a"), "a"), "local");
    EXPECT_EQ(ask(objectIn(poa, "b"), "b"), "local");
}

TEST_F(Embedded, ServesThreadsThatOmniOrbDoesNotKnow) {
    const PortableServer::POA_var poa = orb_.poa("many", servant_.in());
    const CORBA::Object_var object = objectIn(poa, "a");
    std::string answer;
    std::thread([&] { answer = ask(object, "a"); }).join();
    EXPECT_EQ(answer, "local");
}

TEST_F(Embedded, MakesAPoaOnce) {
    const PortableServer::POA_var first = orb_.poa("some");
    const PortableServer::POA_var second = orb_.poa("some");
    EXPECT_TRUE(first->_is_equivalent(second));
}

TEST_F(Embedded, HasNoCallerOutsideOfCalls) {
    EXPECT_FALSE(rpc::currentCaller().local);
    EXPECT_FALSE(rpc::currentCaller().peer);
    expectError(ErrorCode::permissionDenied, [] { rpc::requireAgent(); });
    expectError(ErrorCode::permissionDenied, [] { rpc::requireClient(); });
    expectError(ErrorCode::internal, [] { rpc::currentObjectId(); });
}

}  // namespace
}  // namespace coffer
