#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/rpc/connection_limit.h"
#include "core/rpc/failure.h"
#include "tests/core/rpc/orb/raw_peer.h"
#include "tests/core/rpc/orb/test_network.h"
#include "tests/core/rpc/orb/test_server_posix.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

using rpc::Orb;
using rpc::OrbRole;

constexpr std::uint32_t most = 16 << 20;  // octets in a message

std::string number(std::uint32_t value) {
    std::string octets;
    for (int shift = 24; shift >= 0; shift -= 8) octets += static_cast<char>(value >> shift);
    return octets;
}

/// The head of a GIOP message (CORBA 3.3, 9.4.1) of a version, a type and a size.
std::string head(char minor, char type, std::uint32_t size) {
    return std::string("GIOP\1") + minor + std::string(1, '\0') + type + number(size);
}

class HostilePeer : public testing::Test {
  protected:
    /// Others are served as ever.
    void TearDown() override { EXPECT_EQ(valueIn(hello(gate_), "object"), "CofferGate"); }

    /// The server closes a connection on which it gets these octets. The filling behind them makes
    /// it look: it reads some KiB at once.
    void expectHungUp(const std::string& octets) {
        RawPeer peer(server_.endpoint());
        ASSERT_TRUE(peer.startTls());
        peer.send(octets + std::string(10'000, '\0'));
        peer.receiveAll();
    }

    TestNetwork network_;
    TestServer server_{network_.authority(), network_.server()};
    Orb orb_{network_.settings(OrbRole::client)};
    const Coffer::Gate_var gate_ = gateOf(orb_, server_.endpoint());
};

TEST_F(HostilePeer, CannotSendMessagesOverTheLimit) {
    for (const char minor : {'\0', '\1', '\2'}) {
        expectHungUp(head(minor, 0, most + 1));
        expectHungUp(head(minor, 0, 0xffffffff));
    }
}

TEST_F(HostilePeer, CannotSendWhatIsNoGiop) {
    expectHungUp("GET / HTTP/1.1\r\n\r\n");
    expectHungUp(std::string(1000, '\0'));
    expectHungUp(head(2, 99, 100));
    expectHungUp(head(9, 0, 100) + std::string(100, '\0'));
}

// Lengths within a message that point beyond it.
TEST_F(HostilePeer, CannotLieAboutLengthsInsideAMessage) {
    const std::string request = number(1) + std::string("\3\0\0\0", 4);  // id, flags
    expectHungUp(head(2, 0, 28) + request + std::string(2, '\0') + std::string(2, '\0') +
                 number(0xffffff00) + std::string(12, 'x'));
    expectHungUp(head(2, 0, 12) + request + std::string("\0\7\0\0", 4));
}

TEST_F(HostilePeer, CannotSpeakWithoutTls) {
    RawPeer peer(server_.endpoint());
    peer.send(head(2, 0, 100));
    peer.receiveAll();
}

TEST_F(HostilePeer, DoesNotHoldUpOthersBySayingNothing) {
    std::vector<std::unique_ptr<RawPeer>> silent;
    for (int i = 0; i < 100; ++i) {
        silent.push_back(std::make_unique<RawPeer>(server_.endpoint()));
        if (i % 2) {
            EXPECT_TRUE(silent.back()->startTls());
        }
        if (i % 4 == 3) silent.back()->send(head(2, 0, 1000) + "begun");
    }
    EXPECT_EQ(valueIn(hello(gateOf(orb_, server_.endpoint("localhost"))), "object"), "CofferGate");
}

TEST_F(HostilePeer, WithoutCertificateHasASmallShareOfTheConnections) {
    const auto share = static_cast<std::size_t>(rpc::mostWithoutCertificate);
    std::vector<std::unique_ptr<RawPeer>> crowd;
    while (crowd.size() < share) {
        crowd.push_back(std::make_unique<RawPeer>(server_.endpoint()));
        ASSERT_TRUE(crowd.back()->startTls());
    }
    // The server answers nonsense before it closes a connection, unless it is one too many.
    const std::string nonsense = head(2, 0, 0xffffffff);
    for (std::string answer = "yet"; !answer.empty();) {
        RawPeer late(server_.endpoint());
        late.startTls();
        late.send(nonsense);
        answer = late.receiveAll();
    }
    crowd.front()->send(nonsense);
    EXPECT_NE(crowd.front()->receiveAll(), "");  // the others are served
    RawPeer known(server_.endpoint());
    EXPECT_TRUE(known.startTls(TLS1_3_VERSION, network_.identity("anna", Role::client)));
    known.send("GET / HTTP/1.1\r\n\r\n");
    crowd.clear();
    // The server notices that they are gone when it comes to it.
    while (errorOf([&] { hello(gate_); })) {
    }
}

// The smallest limit of descriptors leaves room for 16 connections.
TEST(CrowdedServer, HangsUpAndRecovers) {
    TestNetwork network;
    TestServer server(network.authority(), network.server(), "127.0.0.1", {}, "--nofile=100");
    std::vector<std::unique_ptr<RawPeer>> crowd;
    for (int i = 0; i < 60; ++i) crowd.push_back(std::make_unique<RawPeer>(server.endpoint()));
    crowd.back()->receiveAll();
    EXPECT_TRUE(crowd.front()->startTls());  // not merely because it took too long
    crowd.clear();
    Orb orb(network.settings(OrbRole::client));
    while (errorOf([&] { hello(gateOf(orb, server.endpoint())); })) {
    }
}

TEST_F(HostilePeer, IsNotEvenOurselves) {
    const auto send = [&](std::uint32_t size) {
        Coffer::Octets octets;
        octets.length(size);
        return std::string(rpc::call("send", [&] {
            const CORBA::String_var text = gate_->enrolAgent("", "", {}, octets);
            return std::string(text);
        }));
    };
    EXPECT_EQ(send(most - 4096), std::to_string(most - 4096));
    expectError(ErrorCode::limitExceeded, [&] { send(most + 1); });
}

}  // namespace
}  // namespace coffer
