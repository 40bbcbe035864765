#include "core/trust/certificate.h"

#include <gtest/gtest.h>
#include <openssl/x509v3.h>

#include "core/trust/openssl.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

/// A certificate as somebody might make it: any subject, any usage. Signed by itself.
class Forgery {
  public:
    Forgery() {
        X509_set_version(certificate_.get(), X509_VERSION_3);
        ASN1_INTEGER_set(X509_get_serialNumber(certificate_.get()), 0x1234);
        ASN1_TIME_set(X509_getm_notBefore(certificate_.get()), 1'000);
        ASN1_TIME_set(X509_getm_notAfter(certificate_.get()), 2'000);
        X509_set_pubkey(certificate_.get(), key_.get());
    }

    Forgery& name(const char* field, const std::string& value, int kind = MBSTRING_UTF8) {
        X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate_.get()), field, kind,
                                   reinterpret_cast<const unsigned char*>(value.data()),
                                   static_cast<int>(value.size()), -1, 0);
        return *this;
    }

    Forgery& usage(const char* value) {
        X509_EXTENSION* extension =
            X509V3_EXT_nconf_nid(nullptr, nullptr, NID_ext_key_usage, value);
        X509_add_ext(certificate_.get(), extension, -1);
        X509_EXTENSION_free(extension);
        return *this;
    }

    std::string pem() {
        X509_sign(certificate_.get(), key_.get(), EVP_sha256());
        return pemOf(*certificate_);
    }

  private:
    KeyPtr key_{EVP_EC_gen("P-256")};
    CertificatePtr certificate_{X509_new()};
};

TEST(Certificate, SaysWhoItIsFor) {
    const auto facts =
        factsOf(Forgery().name("OU", "client").name("CN", "anna").usage("clientAuth").pem());
    EXPECT_EQ(facts.name, "anna");
    EXPECT_EQ(facts.role, Role::client);
    EXPECT_EQ(facts.serial, "1234");
    EXPECT_EQ(facts.notBefore.seconds, 1'000);
    EXPECT_EQ(facts.notAfter.seconds, 2'000);
}

TEST(Certificate, IsRefusedWhenSubjectAndUsageDoNotFit) {
    const auto refused = [](Forgery& forgery) {
        expectError(ErrorCode::untrusted, [&] { factsOf(forgery.pem()); });
    };
    refused(Forgery().usage("clientAuth"));
    refused(Forgery().name("CN", "a").usage("clientAuth"));
    refused(Forgery().name("OU", "client").usage("clientAuth"));
    refused(Forgery().name("OU", "admin").name("CN", "a").usage("clientAuth"));
    refused(Forgery().name("OU", "client").name("CN", "a"));
    refused(Forgery().name("OU", "client").name("CN", "a").usage("serverAuth"));
    refused(Forgery().name("OU", "agent").name("CN", "a").usage("clientAuth,serverAuth"));
    refused(Forgery().name("OU", "server").name("CN", "a").usage("clientAuth"));
}

// Of two names it would depend on the reader which one counts.
TEST(Certificate, IsRefusedWithTwoNamesOrRoles) {
    expectError(ErrorCode::untrusted, [] {
        factsOf(Forgery()
                    .name("OU", "agent")
                    .name("CN", "a")
                    .name("CN", "b")
                    .usage("clientAuth")
                    .pem());
    });
    expectError(ErrorCode::untrusted, [] {
        factsOf(Forgery()
                    .name("OU", "agent")
                    .name("OU", "client")
                    .name("CN", "a")
                    .usage("clientAuth")
                    .pem());
    });
}

TEST(Certificate, HasAPrintableName) {
    EXPECT_TRUE(errorOf([] {
        factsOf(Forgery()
                    .name("OU", "agent")
                    .name("CN", std::string("a\0b", 3))
                    .usage("clientAuth")
                    .pem());
    }));
}

TEST(Certificate, ReadsTheFirstOfAText) {
    const std::string first =
        Forgery().name("OU", "agent").name("CN", "1").usage("clientAuth").pem();
    const std::string second =
        Forgery().name("OU", "agent").name("CN", "2").usage("clientAuth").pem();
    EXPECT_EQ(factsOf(first + second).name, "1");
    EXPECT_EQ(fingerprintOf(first + second), fingerprintOf(first));
    EXPECT_NE(fingerprintOf(first), fingerprintOf(second));
}

TEST(Certificate, ReadsNothingElse) {
    expectError(ErrorCode::corrupt, [] { factsOf(""); });
    expectError(ErrorCode::corrupt, [] { factsOf(makePrivateKey()); });
    expectError(ErrorCode::corrupt,
                [] { factsOf("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"); });
    expectError(ErrorCode::corrupt, [] { readPrivateKey("none"); });
    std::string many;
    for (int i = 0; i < 9; ++i) many += Forgery().pem();
    expectError(ErrorCode::limitExceeded, [&] { readCertificates(many); });
}

TEST(Request, IsRefusedForBadNamesAndKeys) {
    const std::string key = makePrivateKey();
    expectError(ErrorCode::invalidArgument, [&] { makeRequest(key, ""); });
    expectError(ErrorCode::invalidArgument, [&] { makeRequest(key, std::string(65, 'a')); });
    expectError(ErrorCode::corrupt, [&] { makeRequest("no key", "a"); });
    EXPECT_NE(makePrivateKey(), key);
}

}  // namespace
}  // namespace coffer
