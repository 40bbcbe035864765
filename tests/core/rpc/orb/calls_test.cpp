#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "core/base/threads.h"
#include "core/rpc/caller.h"
#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "idl/agent.hh"
#include "tests/core/rpc/orb/test_network.h"
#include "tests/core/rpc/orb/test_server_posix.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

using rpc::Orb;
using rpc::OrbRole;

class Calls : public testing::Test {
  protected:
    TestNetwork network_;
    TestServer server_{network_.authority(), network_.server()};
};

TEST_F(Calls, ComeFromWhoTheCertificateSays) {
    {
        Orb orb(network_.settings(OrbRole::client, network_.identity("anna", Role::client)));
        const auto answer = hello(gateOf(orb, server_.endpoint()));
        EXPECT_EQ(valueIn(answer, "name"), "anna");
        EXPECT_EQ(valueIn(answer, "role"), "client");
        EXPECT_EQ(valueIn(answer, "local"), "no");
        EXPECT_EQ(valueIn(answer, "address"), "127.0.0.1");
    }
    Orb orb(network_.settings(OrbRole::worker, network_.identity("w7", Role::agent)));
    const auto answer = hello(gateOf(orb, server_.endpoint()));
    EXPECT_EQ(valueIn(answer, "name"), "w7");
    EXPECT_EQ(valueIn(answer, "role"), "agent");
}

TEST_F(Calls, ComeFromNobodyWithoutACertificate) {
    Orb orb(network_.settings(OrbRole::client));
    const auto gate = gateOf(orb, server_.endpoint());
    const auto answer = hello(gate);
    EXPECT_EQ(valueIn(answer, "name"), "none");
    EXPECT_EQ(valueIn(answer, "local"), "no");
    expectError(ErrorCode::permissionDenied, [&] {
        rpc::call("x", [&] { const CORBA::String_var text = gate->enrolClient("", "", ""); });
    });
}

TEST_F(Calls, WithinAProcessAreLocalAndLeaveTheCallerAsItWas) {
    Orb orb(network_.settings(OrbRole::client, network_.identity("anna", Role::client)));
    const auto gate = gateOf(orb, server_.endpoint());
    const CORBA::String_var text = rpc::call("ask", [&] { return gate->enrolClient("", "", ""); });
    EXPECT_STREQ(text, "local yes, then anna");
}

TEST_F(Calls, OfADefaultServantSayWhichObjectIsMeant) {
    Orb orb(network_.settings(OrbRole::client));
    const auto gate = gateOf(orb, server_.endpoint());
    for (const char* id : {"one", "two"}) {
        const Coffer::Session_var session =
            rpc::call("log in", [&] { return gate->login(id, "", 1); });
        const Coffer::Settings_var answer = session->whoAmI();
        EXPECT_EQ(valueIn(answer, "object"), id);
    }
    EXPECT_EQ(valueIn(hello(gate), "object"), "CofferGate");
}

// Around the length of a record of TLS, and of several that are read ahead at once.
TEST_F(Calls, CarryMessagesOfAnyLength) {
    Orb orb(network_.settings(OrbRole::worker, network_.identity("w7", Role::agent)));
    const auto gate = gateOf(orb, server_.endpoint());
    const auto echo = [&](std::size_t length) {
        std::string text(length, ' ');
        for (std::size_t i = 0; i < length; ++i) text[i] = static_cast<char>('a' + i * i % 23);
        const Coffer::Octets octets = rpc::toOctets(bytesOf(text));
        const CORBA::String_var answer =
            rpc::call("echo", [&] { return gate->enrolAgent("echo", "", {}, octets); });
        EXPECT_TRUE(answer.in() == text) << length;
    };
    ThreadScope threads;
    for (int i = 0; i < 3; ++i) {
        threads.start(
            [&] {
                for (const std::size_t around : {16'384U, 32'768U, 131'072U}) {
                    for (std::size_t length = around - 120; length <= around + 10; length += 5) {
                        echo(length);
                    }
                }
                for (const std::size_t length : {0U, 1U, 1'000'000U, 7'000'001U}) echo(length);
            },
            [] {});
    }
    threads.join();
}

TEST_F(Calls, FindNamedObjectsByTheirMereNamesToo) {
    Orb orb(network_.settings(OrbRole::client));
    const std::string plain = "corbaloc:ssliop:1.2@" + server_.endpoint().text() + "/CofferGate";
    const CORBA::Object_var object = orb.reachAgain(server_.endpoint(), plain);
    const Coffer::Gate_var gate = Coffer::Gate::_unchecked_narrow(object);
    EXPECT_EQ(valueIn(hello(gate), "object"), "CofferGate");
}

TEST_F(Calls, EndWhenTheServerStopsItsIntake) {
    Orb orb(network_.settings(OrbRole::client));
    const auto gate = gateOf(orb, server_.endpoint());
    hello(gate);
    EXPECT_EQ(server_.command("stop"), "done");
    expectError(ErrorCode::unavailable, [&] { hello(gate); });
}

TEST_F(Calls, ToWhatIsNotServedFindNothing) {
    Orb orb(network_.settings(OrbRole::client));
    const CORBA::Object_var object = orb.reach(server_.endpoint(), "CofferNone");
    const Coffer::Gate_var gate = Coffer::Gate::_unchecked_narrow(object);
    expectError(ErrorCode::gone, [&] { hello(gate); });
    expectError(ErrorCode::notFound, [&] { orb.reachLocal("CofferNone"); });
}

TEST_F(Calls, GoToHostsOnly) {
    Orb orb(network_.settings(OrbRole::client));
    for (const char* host : {"", "a/b", "a,ssliop:b", "a@b", "a b", "a%2f"}) {
        expectError(ErrorCode::invalidArgument, [&] { orb.reach({host, 1}, "CofferGate"); });
    }
    expectError(ErrorCode::corrupt, [&] { orb.reachAgain(server_.endpoint(), "IOR:zz"); });
}

/// What an agent answers: who calls it.
class TestControl : public POA_Coffer::AgentControl {
  public:
    Coffer::Settings* describe() override {
        const rpc::Caller caller = rpc::currentCaller();
        auto* answer = new Coffer::Settings;
        answer->length(1);
        (*answer)[0].name = "caller";
        (*answer)[0].value = caller.is(Role::server) ? caller.peer->name.c_str() : "none";
        return answer;
    }
    void ping() override {}
    void startRun(const Coffer::RunOrder&) override {}
    void cancelRun(CORBA::LongLong) override {}
    Coffer::Entry* stat(const Coffer::PathOctets&) override { return nullptr; }
    Coffer::Entries* list(const Coffer::PathOctets&, CORBA::ULong,
                          Coffer::EntryIterator_out) override {
        return nullptr;
    }
    Coffer::Octets* read(const Coffer::PathOctets&, CORBA::ULongLong, CORBA::ULong) override {
        return nullptr;
    }
    void write(const Coffer::PathOctets&, CORBA::ULongLong, const Coffer::Octets&) override {}
    void resize(const Coffer::PathOctets&, CORBA::ULongLong) override {}
    void createFile(const Coffer::PathOctets&) override {}
    void createFolder(const Coffer::PathOctets&) override {}
    void erase(const Coffer::PathOctets&, CORBA::Boolean) override {}
    void move(const Coffer::PathOctets&, const Coffer::PathOctets&) override {}
    void copy(const Coffer::PathOctets&, const Coffer::PathOctets&) override {}
    void offerUpdate(const Coffer::Octets&) override {}
};

/// The object by which an agent is called back.
Coffer::AgentControl_var makeControl(Orb& orb) {
    const PortableServer::Servant_var<TestControl> control(new TestControl);
    const PortableServer::POA_var poa = orb.poa("control");
    const PortableServer::ObjectId_var id = PortableServer::string_to_ObjectId("control");
    poa->activate_object_with_id(id, control.in());
    const CORBA::Object_var reference = poa->id_to_reference(id);
    return Coffer::AgentControl::_narrow(reference);
}

/// Attaches an agent and gives what its control has answered meanwhile.
std::string attach(Orb& orb, const Endpoint& server, Coffer::AgentControl_ptr control) {
    const CORBA::Object_var object = orb.reach(server, "CofferAgents");
    const Coffer::AgentPort_var port = Coffer::AgentPort::_unchecked_narrow(object);
    Coffer::AgentHello greeting;
    greeting.level = 1;
    Coffer::AgentWelcome_var welcome;
    rpc::call("attach", [&] {
        const Coffer::AgentLink_var link = port->attach(control, greeting, welcome.out());
    });
    return valueIn(welcome->more, "caller");
}

std::string attach(Orb& orb, const Endpoint& server) {
    const Coffer::AgentControl_var control = makeControl(orb);
    return attach(orb, server, control);
}

TEST_F(Calls, ReachAnAgentOverItsOwnConnection) {
    {
        Orb orb(network_.settings(OrbRole::agent, network_.identity("w7", Role::agent)));
        EXPECT_EQ(attach(orb, server_.endpoint()), serverCommonName);
        EXPECT_EQ(server_.command("ask"), serverCommonName);
        EXPECT_EQ(listeningSockets(), 0);
    }
    EXPECT_THAT(server_.command("ask"), testing::StartsWith("error unavailable"));
}

TEST_F(Calls, ReachAnAgentAgainWhenItComesBack) {
    const std::string identity = network_.identity("w7", Role::agent);
    for (int i = 0; i < 3; ++i) {
        Orb orb(network_.settings(OrbRole::agent, identity));
        EXPECT_EQ(attach(orb, server_.endpoint()), serverCommonName);
        EXPECT_EQ(server_.command("ask"), serverCommonName);
    }
}

TEST_F(Calls, EndWhenTheServerHangsUp) {
    Orb orb(network_.settings(OrbRole::agent, network_.identity("w7", Role::agent)));
    const Coffer::AgentControl_var control = makeControl(orb);
    attach(orb, server_.endpoint(), control);
    EXPECT_EQ(server_.command("hang-up"), "done");
    EXPECT_THAT(server_.command("ask"), testing::StartsWith("error unavailable"));
    // The first call may still take the connection for a good one.
    rpc::repeat({.first = std::chrono::milliseconds(1)}, {},
                [&] { attach(orb, server_.endpoint(), control); });
    EXPECT_EQ(server_.command("ask"), serverCommonName);
}

TEST_F(Calls, OfTheRevokedAreRefusedOverAnOldConnectionToo) {
    Orb orb(network_.settings(OrbRole::worker, network_.identity("w7", Role::agent)));
    const auto gate = gateOf(orb, server_.endpoint());
    hello(gate);
    server_.command("refuse w7");
    expectError(ErrorCode::permissionDenied, [&] { hello(gate); });
}

TEST_F(Calls, AreForAgentsAloneWhereTheyShould) {
    Orb orb(network_.settings(OrbRole::agent, network_.identity("anna", Role::client)));
    expectError(ErrorCode::permissionDenied, [&] { attach(orb, server_.endpoint()); });
}

/// A server that takes itself for another place than where it is reached.
class FarServer : public testing::Test {
  protected:
    TestNetwork network_;
    TestServer server_{network_.authority(),
                       network_.server(),
                       "0.0.0.0",
                       {"ORBendPointPublish=giop:ssl:127.0.0.1:1"}};
};

TEST_F(FarServer, IsReachedWhereItWasReachedBefore) {
    std::string saved;
    {
        Orb orb(network_.settings(OrbRole::client));
        const auto gate = gateOf(orb, server_.endpoint("localhost"));
        const Coffer::Session_var session =
            rpc::call("log in", [&] { return gate->login("s", "", 1); });
        const Coffer::Settings_var answer = rpc::call("ask", [&] { return session->whoAmI(); });
        EXPECT_EQ(valueIn(answer, "object"), "s");
        EXPECT_EQ(connectionsTo(server_.endpoint()), 1);
        const CORBA::String_var text = orb.get()->object_to_string(session);
        saved = text.in();
    }
    Orb orb(network_.settings(OrbRole::client));
    const CORBA::Object_var object = orb.reachAgain(server_.endpoint("localhost"), saved);
    const Coffer::Session_var session = Coffer::Session::_unchecked_narrow(object);
    const Coffer::Settings_var answer = rpc::call("ask", [&] { return session->whoAmI(); });
    EXPECT_EQ(valueIn(answer, "object"), "s");
}

}  // namespace
}  // namespace coffer
