#include "management_server/server/server_certificate.h"

#include "tests/management_server/server/server_fixture.h"

namespace coffer {
namespace {

class Certificate : public ServerFixture {
  protected:
    CertificateFacts facts() const { return factsOf(readTextFile(file)); }

    const std::string file = folder / "server.pem";
    CertificateAuthority authority = CertificateAuthority::create(folder.path(), clock);
    ServerCertificate certificate{authority, clock, file, {"localhost", "127.0.0.1"}};
    static constexpr std::int64_t day = 24 * 3600;
};

TEST_F(Certificate, isMadeWhenThereIsNone) {
    EXPECT_TRUE(certificate.due());
    certificate.renew();
    EXPECT_FALSE(certificate.due());
    EXPECT_EQ(facts().role, Role::server);
    EXPECT_EQ(facts().name, serverCommonName);
}

TEST_F(Certificate, isMadeAnewBeforeItEnds) {
    certificate.renew();
    const CertificateFacts first = facts();
    clock.advance(59 * day);
    EXPECT_FALSE(certificate.due());
    clock.advance(2 * day);
    EXPECT_TRUE(certificate.due());
    certificate.renew();
    EXPECT_FALSE(certificate.due());
    EXPECT_NE(facts().fingerprint, first.fingerprint);
    EXPECT_GT(facts().notAfter, first.notAfter);
}

TEST_F(Certificate, isMadeAnewWhenTheClockWasAhead) {
    clock.advance(400 * day);
    certificate.renew();
    EXPECT_FALSE(certificate.due());
    clock.advance(-400 * day);
    EXPECT_TRUE(certificate.due());
    certificate.renew();
    EXPECT_FALSE(certificate.due());
    EXPECT_LT(facts().notBefore, clock.now());
}

TEST_F(Certificate, thatIsDamagedIsReplaced) {
    writePrivateFile(file, "no certificate");
    EXPECT_TRUE(certificate.due());
    certificate.renew();
    EXPECT_FALSE(certificate.due());
}

}  // namespace
}  // namespace coffer
