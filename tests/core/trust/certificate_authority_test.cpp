#include "core/trust/certificate_authority.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <filesystem>
#include <set>

#include "core/trust/openssl.h"
#include "core/trust/private_file.h"
#include "tests/support/expect_error.h"
#include "tests/support/scratch_folder.h"

namespace coffer {
namespace {

using std::chrono::hours;

constexpr hours day{24};

/// A request whose key is of OpenSSL's kind `type`, signed by it or by `signer`.
std::string requestOf(EVP_PKEY& key, EVP_PKEY& signer) {
    const RequestPtr request(X509_REQ_new());
    X509_REQ_set_pubkey(request.get(), &key);
    X509_REQ_sign(request.get(), &signer, EVP_sha256());
    const BioPtr bio = collector();
    PEM_write_bio_X509_REQ(bio.get(), request.get());
    return textOf(*bio);
}

class CertificateAuthorityTest : public testing::Test {
  protected:
    std::string sign(const std::string& name, Role role, hours validity = day,
                     const std::vector<std::string>& hosts = {}) {
        return authority_.sign(makeRequest(makePrivateKey(), "anything"), name, role, validity,
                               hosts);
    }

    /// Whether OpenSSL finds the certificate good for a purpose at a time, trusting our authority.
    bool holds(const std::string& pem, int purpose, std::int64_t when) {
        const auto certificate = readCertificate(pem);
        const auto trusted = readCertificate(authority_.certificate());
        X509_STORE* store = X509_STORE_new();
        X509_STORE_add_cert(store, trusted.get());
        X509_STORE_CTX* verification = X509_STORE_CTX_new();
        X509_STORE_CTX_init(verification, store, certificate.get(), nullptr);
        X509_STORE_CTX_set_purpose(verification, purpose);
        X509_STORE_CTX_set_time(verification, 0, when);
        const bool result = X509_verify_cert(verification) == 1;
        X509_STORE_CTX_free(verification);
        X509_STORE_free(store);
        return result;
    }

    const ScratchFolder folder_;
    ManualClock clock_{1'800'000'000};
    CertificateAuthority authority_ = CertificateAuthority::create(folder_.path(), clock_);
};

TEST_F(CertificateAuthorityTest, IsTheSameWhenLoaded) {
    const auto loaded = CertificateAuthority::load(folder_.path(), clock_);
    EXPECT_EQ(loaded.certificate(), authority_.certificate());
    EXPECT_EQ(loaded.fingerprint(), authority_.fingerprint());
    EXPECT_EQ(authority_.fingerprint().size(), 64u);
    EXPECT_EQ(std::filesystem::status(folder_ / "authority.key").permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(CertificateAuthorityTest, IsMadeOnlyOnce) {
    const std::string key = readTextFile(folder_ / "authority.key");
    expectError(ErrorCode::alreadyExists,
                [&] { CertificateAuthority::create(folder_.path(), clock_); });
    std::filesystem::remove(folder_ / "authority.pem");
    expectError(ErrorCode::alreadyExists,
                [&] { CertificateAuthority::create(folder_.path(), clock_); });
    EXPECT_EQ(readTextFile(folder_ / "authority.key"), key);
}

TEST_F(CertificateAuthorityTest, LoadsOnlyWhatBelongsTogether) {
    const ScratchFolder other;
    expectError(ErrorCode::notFound, [&] { CertificateAuthority::load(other.path(), clock_); });
    CertificateAuthority::create(other.path(), clock_);
    std::filesystem::copy_file(folder_ / "authority.key", other / "authority.key",
                               std::filesystem::copy_options::overwrite_existing);
    expectError(ErrorCode::wrongKey, [&] { CertificateAuthority::load(other.path(), clock_); });
    writePrivateFile(other / "authority.key", "no key");
    expectError(ErrorCode::corrupt, [&] { CertificateAuthority::load(other.path(), clock_); });
}

TEST_F(CertificateAuthorityTest, SignsForWhatIsAskedOfIt) {
    const auto facts = factsOf(sign("workstation-7", Role::agent));
    EXPECT_EQ(facts.name, "workstation-7");
    EXPECT_EQ(facts.role, Role::agent);
    EXPECT_EQ(facts.notBefore.seconds, 1'800'000'000 - 3600);
    EXPECT_EQ(facts.notAfter.seconds, 1'800'000'000 + 86'400);
}

TEST_F(CertificateAuthorityTest, GivesEachRoleItsOwnPurpose) {
    const std::int64_t now = clock_.now().seconds;
    const std::string server = sign("coffer-server", Role::server);
    EXPECT_TRUE(holds(server, X509_PURPOSE_SSL_SERVER, now));
    EXPECT_FALSE(holds(server, X509_PURPOSE_SSL_CLIENT, now));
    for (const Role role : {Role::agent, Role::client}) {
        const std::string other = sign("x", role);
        EXPECT_TRUE(holds(other, X509_PURPOSE_SSL_CLIENT, now));
        EXPECT_FALSE(holds(other, X509_PURPOSE_SSL_SERVER, now));
    }
}

TEST_F(CertificateAuthorityTest, SignsForATime) {
    const std::int64_t now = clock_.now().seconds;
    const std::string pem = sign("x", Role::agent, hours(2));
    EXPECT_TRUE(holds(pem, X509_PURPOSE_SSL_CLIENT, now - 3599));
    EXPECT_TRUE(holds(pem, X509_PURPOSE_SSL_CLIENT, now + 7199));
    EXPECT_FALSE(holds(pem, X509_PURPOSE_SSL_CLIENT, now + 7201));
    EXPECT_FALSE(holds(pem, X509_PURPOSE_SSL_CLIENT, now - 3601));
}

TEST_F(CertificateAuthorityTest, MakesNoFurtherAuthority) {
    const auto agent = readCertificate(sign("x", Role::agent));
    EXPECT_EQ(X509_check_ca(agent.get()), 0);
    const auto own = readCertificate(authority_.certificate());
    EXPECT_EQ(X509_check_ca(own.get()), 1);
    EXPECT_EQ(X509_get_pathlen(own.get()), 0);
}

TEST_F(CertificateAuthorityTest, NamesTheHostsOfAServer) {
    const auto server = readCertificate(
        sign("coffer-server", Role::server, day, {"backup.example.net", "10.0.0.5", "fd00::2"}));
    EXPECT_EQ(X509_check_host(server.get(), "backup.example.net", 0, 0, nullptr), 1);
    EXPECT_EQ(X509_check_host(server.get(), "other.example.net", 0, 0, nullptr), 0);
    EXPECT_EQ(X509_check_ip_asc(server.get(), "10.0.0.5", 0), 1);
    EXPECT_EQ(X509_check_ip_asc(server.get(), "fd00::2", 0), 1);
    EXPECT_EQ(X509_check_ip_asc(server.get(), "10.0.0.6", 0), 0);
}

// A syntax in a host's name must not make a second name of it.
TEST_F(CertificateAuthorityTest, TakesHostsLiterally) {
    const auto server =
        readCertificate(sign("coffer-server", Role::server, day, {"a,DNS:other.example.net"}));
    EXPECT_EQ(X509_check_host(server.get(), "other.example.net", 0, 0, nullptr), 0);
    expectError(ErrorCode::invalidArgument,
                [&] { sign("coffer-server", Role::server, day, {""}); });
    expectError(ErrorCode::limitExceeded, [&] {
        sign("coffer-server", Role::server, day, std::vector<std::string>(101, "a"));
    });
}

TEST_F(CertificateAuthorityTest, GivesEveryCertificateANumberOfItsOwn) {
    std::set<std::string> serials;
    for (int i = 0; i < 20; ++i) {
        const std::string serial = factsOf(sign("x", Role::agent)).serial;
        EXPECT_EQ(serial.size(), 32u);
        serials.insert(serial);
    }
    EXPECT_EQ(serials.size(), 20u);
}

TEST_F(CertificateAuthorityTest, LooksAtTheKeyOfARequestAlone) {
    const std::string key = makePrivateKey();
    const std::string pem =
        authority_.sign(makeRequest(key, "coffer-server"), "w", Role::agent, day);
    EXPECT_EQ(factsOf(pem).name, "w");
    const auto certificate = readCertificate(pem);
    EXPECT_EQ(X509_check_private_key(certificate.get(), readPrivateKey(key).get()), 1);
}

TEST_F(CertificateAuthorityTest, RefusesWhatIsNoSoundRequest) {
    const KeyPtr key(EVP_EC_gen("P-256"));
    const KeyPtr other(EVP_EC_gen("P-256"));
    const KeyPtr shortEc(EVP_EC_gen("P-224"));
    const KeyPtr shortRsa(EVP_RSA_gen(1024));
    const auto refused = [&](const std::string& request) {
        expectError(ErrorCode::invalidArgument,
                    [&] { authority_.sign(request, "x", Role::agent, day); });
    };
    refused("");
    refused("-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n");
    refused(authority_.certificate());
    refused(requestOf(*key, *other));
    refused(requestOf(*shortEc, *shortEc));
    refused(requestOf(*shortRsa, *shortRsa));
    EXPECT_NO_THROW(authority_.sign(requestOf(*key, *key), "x", Role::agent, day));
    expectError(ErrorCode::limitExceeded,
                [&] { authority_.sign(std::string((1 << 20) + 1, 'x'), "x", Role::agent, day); });
}

TEST_F(CertificateAuthorityTest, RefusesNamesAndTimesOutOfBounds) {
    for (const std::string& name : {std::string(), std::string(65, 'a'), std::string("a\nb"),
                                    std::string("a\0b", 3), std::string("\xff")}) {
        expectError(ErrorCode::invalidArgument, [&] { sign(name, Role::agent); });
    }
    EXPECT_EQ(factsOf(sign(std::string(64, 'a'), Role::agent)).name, std::string(64, 'a'));
    EXPECT_EQ(factsOf(sign("Büro", Role::agent)).name, "Büro");
    expectError(ErrorCode::invalidArgument, [&] { sign("a", Role::agent, hours(0)); });
    expectError(ErrorCode::invalidArgument, [&] { sign("a", Role::agent, hours(24 * 366 * 21)); });
}

}  // namespace
}  // namespace coffer
