#include "management_server/http/served_certificate.h"

#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <thread>

#include "core/base/bytes.h"
#include "core/trust/certificate.h"
#include "core/trust/certificate_authority.h"
#include "tests/support/expect_error.h"
#include "tests/support/scratch_folder.h"

namespace coffer {
namespace {

struct ServedCertificateTest : testing::Test {
    /// Puts a new certificate into the file; gives its fingerprint.
    std::string renew() {
        const std::string key = makePrivateKey();
        const std::string pem = authority.sign(makeRequest(key, "host"), "host", Role::server,
                                               std::chrono::hours(24), {"localhost"});
        std::ofstream(file) << pem << key;
        return fingerprintOf(pem);
    }

    /// The fingerprint of what a client is shown; both ends are in this thread.
    static std::string shown(SSL_CTX* server) {
        using Context = std::unique_ptr<SSL_CTX, decltype(&::SSL_CTX_free)>;
        using Connection = std::unique_ptr<SSL, decltype(&::SSL_free)>;
        const Context client(::SSL_CTX_new(::TLS_client_method()), ::SSL_CTX_free);
        const Connection here(::SSL_new(client.get()), ::SSL_free);
        const Connection there(::SSL_new(server), ::SSL_free);
        BIO* ours = nullptr;
        BIO* theirs = nullptr;
        ::BIO_new_bio_pair(&ours, 0, &theirs, 0);
        ::SSL_set_bio(here.get(), ours, ours);
        ::SSL_set_bio(there.get(), theirs, theirs);
        ::SSL_set_connect_state(here.get());
        ::SSL_set_accept_state(there.get());
        for (int i = 0; i < 10 && ::SSL_do_handshake(here.get()) != 1; ++i) {
            ::SSL_do_handshake(there.get());
        }
        const std::unique_ptr<X509, decltype(&::X509_free)> peer(
            ::SSL_get1_peer_certificate(here.get()), ::X509_free);
        if (!peer) return "none";
        Bytes digest(32);
        ::X509_digest(peer.get(), ::EVP_sha256(), digest.data(), nullptr);
        return toHex(digest);
    }

    const ScratchFolder folder;
    const SystemClock clock{};
    const CertificateAuthority authority = CertificateAuthority::create(folder.path(), clock);
    const std::string file = folder / "host.pem";
    const std::unique_ptr<SSL_CTX, decltype(&::SSL_CTX_free)> server{
        ::SSL_CTX_new(::TLS_server_method()), ::SSL_CTX_free};
};

TEST_F(ServedCertificateTest, IsTakenAnew) {
    const std::string first = renew();
    ServedCertificate certificate(file);
    certificate.showOn(server.get());
    EXPECT_EQ(shown(server.get()), first);
    const std::string second = renew();
    EXPECT_EQ(shown(server.get()), first);
    certificate.reload();
    EXPECT_EQ(shown(server.get()), second);
    std::ofstream(file) << "no certificate";
    expectError(ErrorCode::invalidArgument, [&] { certificate.reload(); });
    EXPECT_EQ(shown(server.get()), second);
    expectError(ErrorCode::invalidArgument, [&] { ServedCertificate broken(file); });
}

TEST_F(ServedCertificateTest, IsTakenAnewWhileOthersShakeHands) {
    renew();
    ServedCertificate certificate(file);
    certificate.showOn(server.get());
    std::thread other([&] {
        for (int i = 0; i < 20; ++i) certificate.reload();
    });
    for (int i = 0; i < 20; ++i) EXPECT_NE(shown(server.get()), "none");
    other.join();
}

}  // namespace
}  // namespace coffer
