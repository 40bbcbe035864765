#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "core/trust/private_file.h"
#include "tests/core/rpc/orb/raw_peer.h"
#include "tests/core/rpc/orb/test_network.h"
#include "tests/core/rpc/orb/test_server_posix.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

using rpc::Orb;
using rpc::OrbRole;

/// A client without a certificate does not get through to this server.
void expectServerRefused(const TestNetwork& network, const TestServer& server,
                         const std::string& says) {
    Orb orb(network.settings(OrbRole::client));
    expectError(
        ErrorCode::untrusted, [&] { hello(gateOf(orb, server.endpoint())); }, says);
}

/// Whether the server lets a certificate in.
bool isServed(const TestNetwork& network, OrbRole role, const std::string& identity,
              const TestServer& server) {
    Orb orb(network.settings(role, identity));
    return !errorOf([&] { hello(gateOf(orb, server.endpoint())); });
}

TEST(TrustInServers, NeedsTheSameAuthority) {
    TestNetwork ours;
    TestNetwork other;
    const TestServer server(other.authority(), other.server());
    expectServerRefused(ours, server, "refused");
    const TestServer pretender(ours.authority(), other.server());
    expectServerRefused(ours, pretender, "refused");
}

TEST(TrustInServers, NeedsAServersCertificate) {
    TestNetwork network;
    const TestServer agent(network.authority(), network.identity("w7", Role::agent));
    expectServerRefused(network, agent, "refused");
    const TestServer client(network.authority(), network.identity("coffer-server", Role::client));
    expectServerRefused(network, client, "refused");
    const TestServer other(network.authority(), network.identity("other", Role::server));
    expectServerRefused(network, other, "it is one of server other");
}

TEST(TrustInServers, AStoreAnswersWorkersAlone) {
    TestNetwork network;
    const std::string store = network.identity(std::string(storeCommonName), Role::store);
    const TestServer server(network.authority(), store);
    expectServerRefused(network, server, "it is one of store coffer-store");
    const std::string agent = network.identity("w7", Role::agent);
    EXPECT_FALSE(isServed(network, OrbRole::agent, agent, server));
    EXPECT_TRUE(isServed(network, OrbRole::worker, agent, server));
    for (const auto& [name, role] : {std::pair{"coffer-server", Role::store},
                                     {"coffer-store", Role::server},
                                     {"coffer-store", Role::agent}}) {
        const TestServer pretender(network.authority(), network.identity(name, role));
        EXPECT_FALSE(isServed(network, OrbRole::worker, agent, pretender));
    }
}

TEST(TrustInServers, EndsWithTheCertificate) {
    TestNetwork network;
    const TestServer server(network.authority(),
                            network.expired(std::string(serverCommonName), Role::server));
    expectServerRefused(network, server, "expired (it holds from ");
    expectServerRefused(network, server, "and the clock of this computer says 20");
}

TEST(TrustInServers, CanBeTakenBack) {
    TestNetwork network;
    const TestServer server(network.authority(), network.server());
    auto settings = network.settings(OrbRole::client);
    std::string seen;
    settings.accepts = [&](const CertificateFacts& peer) {
        seen = peer.name;
        return false;
    };
    Orb orb(settings);
    expectError(
        ErrorCode::untrusted, [&] { hello(gateOf(orb, server.endpoint())); }, "not accepted");
    EXPECT_EQ(seen, serverCommonName);
}

TEST(TrustInClients, NeedsTheSameAuthorityAndATimeAndNoServer) {
    TestNetwork network;
    TestNetwork other;
    const TestServer server(network.authority(), network.server());
    EXPECT_TRUE(isServed(network, OrbRole::client, network.identity("a", Role::client), server));
    EXPECT_FALSE(isServed(network, OrbRole::client, other.identity("a", Role::client), server));
    EXPECT_FALSE(isServed(network, OrbRole::client, network.expired("a", Role::client), server));
    EXPECT_FALSE(isServed(network, OrbRole::client, network.server(), server));
    const std::string store = network.identity(std::string(storeCommonName), Role::store);
    EXPECT_FALSE(isServed(network, OrbRole::client, store, server));
    EXPECT_FALSE(isServed(network, OrbRole::agent, network.expired("w7", Role::agent), server));
}

TEST(TrustInClients, CanBeTakenBack) {
    TestNetwork network;
    TestServer server(network.authority(), network.server());
    const std::string revoked = network.identity("w7", Role::agent);
    const std::string other = network.identity("w8", Role::agent);
    EXPECT_TRUE(isServed(network, OrbRole::worker, revoked, server));
    EXPECT_EQ(server.command("refuse w7"), "done");
    EXPECT_FALSE(isServed(network, OrbRole::worker, revoked, server));
    EXPECT_FALSE(isServed(network, OrbRole::agent, revoked, server));
    EXPECT_TRUE(isServed(network, OrbRole::worker, other, server));
    // It is not a matter of the clock.
    Orb orb(network.settings(OrbRole::agent, revoked));
    const auto error = errorOf([&] { hello(gateOf(orb, server.endpoint())); });
    ASSERT_TRUE(error);
    EXPECT_EQ(std::string(error->what()).find("clock"), std::string::npos) << error->what();
}

// A connection may be older than the revocation.
TEST(TrustInClients, CanBeTakenBackInTheMiddle) {
    TestNetwork network;
    TestServer server(network.authority(), network.server());
    Orb orb(network.settings(OrbRole::worker, network.identity("w7", Role::agent)));
    const auto gate = gateOf(orb, server.endpoint());
    hello(gate);
    EXPECT_EQ(server.command("refuse w7"), "done");
    expectError(ErrorCode::permissionDenied, [&] { hello(gate); });
}

TEST(Renewal, OfAServerNeedsNoRestart) {
    TestNetwork network;
    const std::string identity = network.server();
    TestServer server(network.authority(), identity);
    auto settings = network.settings(OrbRole::client);
    std::string seen;
    settings.accepts = [&](const CertificateFacts& peer) {
        seen = peer.serial;
        return true;
    };
    Orb orb(settings);
    const auto before = gateOf(orb, server.endpoint());
    hello(before);
    const std::string old = seen;
    const std::string fresh = network.renew(identity, std::string(serverCommonName), Role::server);
    EXPECT_EQ(server.command("reload"), "done");
    hello(before);
    EXPECT_EQ(seen, old);  // a connection that stands goes on
    hello(gateOf(orb, server.endpoint("localhost")));
    EXPECT_EQ(seen, fresh);
}

TEST(Renewal, OfAClientNeedsNoRestart) {
    TestNetwork network;
    const TestServer server(network.authority(), network.server());
    const std::string identity = network.identity("w7", Role::agent);
    Orb orb(network.settings(OrbRole::worker, identity));
    const auto before = gateOf(orb, server.endpoint());
    const std::string old = valueIn(hello(before), "serial");
    const std::string fresh = network.renew(identity, "w7", Role::agent);
    orb.reloadIdentity();
    EXPECT_EQ(valueIn(hello(before), "serial"), old);
    EXPECT_EQ(valueIn(hello(gateOf(orb, server.endpoint("localhost"))), "serial"), fresh);
}

TEST(Renewal, ThatFailsLeavesAllAsItWas) {
    TestNetwork network;
    const TestServer server(network.authority(), network.server());
    const std::string identity = network.identity("w7", Role::agent);
    Orb orb(network.settings(OrbRole::worker, identity));
    const std::string serial = valueIn(hello(gateOf(orb, server.endpoint())), "serial");
    writePrivateFile(identity, "nothing");
    expectError(ErrorCode::corrupt, [&] { orb.reloadIdentity(); });
    std::filesystem::remove(identity);
    expectError(ErrorCode::notFound, [&] { orb.reloadIdentity(); });
    EXPECT_EQ(valueIn(hello(gateOf(orb, server.endpoint("localhost"))), "serial"), serial);
}

TEST(Tls, IsAtLeastOfVersion12) {
    TestNetwork network;
    const TestServer server(network.authority(), network.server());
    EXPECT_FALSE(RawPeer(server.endpoint()).startTls(TLS1_1_VERSION));
    EXPECT_TRUE(RawPeer(server.endpoint()).startTls(TLS1_2_VERSION));
}

TEST(Tls, IsNotNegotiatedAnew) {
    TestNetwork network;
    const TestServer server(network.authority(), network.server());
    RawPeer peer(server.endpoint());
    ASSERT_TRUE(peer.startTls(TLS1_2_VERSION));
    EXPECT_FALSE(peer.renegotiate());
}

class FetchAuthority : public testing::Test {
  protected:
    TestNetwork network_;
};

TEST_F(FetchAuthority, GivesWhatHasTheFingerprint) {
    const TestServer server(network_.authority(), network_.server());
    const std::string expected = readTextFile(network_.authority());
    std::string fingerprint = network_.fingerprint();
    EXPECT_EQ(fetchAuthority(server.endpoint(), fingerprint), expected);
    for (char& c : fingerprint) c = static_cast<char>(std::toupper(c));
    EXPECT_EQ(fetchAuthority(server.endpoint("localhost"), fingerprint), expected);
}

TEST_F(FetchAuthority, RefusesAnother) {
    TestNetwork other;
    const TestServer server(other.authority(), other.server());
    for (const std::string& fingerprint :
         {network_.fingerprint(), std::string(), std::string(64, '0')}) {
        expectError(ErrorCode::untrusted, [&] { fetchAuthority(server.endpoint(), fingerprint); });
    }
}

// Whoever has seen the authority's certificate can show it.
TEST_F(FetchAuthority, RefusesWhoOnlyShowsIt) {
    TestNetwork other;
    const TestServer server(network_.authority(), other.server());
    expectError(ErrorCode::untrusted,
                [&] { fetchAuthority(server.endpoint(), network_.fingerprint()); });
}

TEST_F(FetchAuthority, RefusesWhoIsSignedForSomethingElse) {
    const auto refused = [&](const std::string& identity) {
        const TestServer server(network_.authority(), identity);
        expectError(ErrorCode::untrusted,
                    [&] { fetchAuthority(server.endpoint(), network_.fingerprint()); });
    };
    refused(network_.identity("w7", Role::agent));
    refused(network_.identity("other", Role::server));
    refused(network_.expired(std::string(serverCommonName), Role::server));
}

// The server's own certificate is no authority, though its fingerprint is right.
TEST_F(FetchAuthority, RefusesACertificateThatIsNoAuthority) {
    const std::string identity = network_.server();
    const TestServer server(network_.authority(), identity);
    expectError(ErrorCode::untrusted,
                [&] { fetchAuthority(server.endpoint(), fingerprintOf(readTextFile(identity))); });
}

TEST_F(FetchAuthority, SaysWhenNobodyIsThere) {
    Endpoint gone;
    {
        const TestServer server(network_.authority(), network_.server());
        gone = server.endpoint();
    }
    expectError(ErrorCode::unavailable, [&] { fetchAuthority(gone, network_.fingerprint()); });
}

}  // namespace
}  // namespace coffer
