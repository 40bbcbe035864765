#include "workstation_agent/certificate_renewal.h"

#include <gtest/gtest.h>

#include "core/rpc/failure.h"
#include "core/trust/certificate_authority.h"
#include "core/trust/private_file.h"
#include "tests/support/expect_error.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/test_orb.h"

namespace coffer {
namespace {

class RenewingPort : public POA_Coffer::AgentPort {
  public:
    RenewingPort(const CertificateAuthority& authority) : authority_(authority) {}
    char* renew(const char* request) override {
        return rpc::serve("renew", [&] {
            if (fails) throw Error(ErrorCode::unavailable, "away");
            return CORBA::string_dup(
                authority_.sign(request, name, Role::agent, std::chrono::hours(300)).c_str());
        });
    }
    Coffer::AgentLink_ptr attach(Coffer::AgentControl_ptr, const Coffer::AgentHello&,
                                 Coffer::AgentWelcome_out) override {
        throw CORBA::NO_IMPLEMENT();
    }

    std::string name = "laptop-7";
    bool fails = false;

  private:
    const CertificateAuthority& authority_;
};

class CertificateRenewalTest : public testing::Test {
  protected:
    CertificateRenewalTest() {
        const std::string key = makePrivateKey();
        const std::string certificate = authority_.sign(makeRequest(key, "x"), "laptop-7",
                                                        Role::agent, std::chrono::hours(300));
        writePrivateFile(file_, certificate + key);
        servant_ = new RenewingPort(authority_);
        port_ = servant_->_this();
    }
    CertificateRenewal renewal() {
        return CertificateRenewal(file_, clock_, [this] { ++reloads_; });
    }
    void wait(int hours) { clock_.advance(hours * 3600); }

    ScratchFolder scratch_;
    ManualClock clock_{1'800'000'000};
    const std::string file_ = scratch_ / "agent.pem";
    CertificateAuthority authority_ = CertificateAuthority::create(scratch_.path(), clock_);
    PortableServer::Servant_var<RenewingPort> servant_;
    Coffer::AgentPort_var port_;
    int reloads_ = 0;
};

TEST_F(CertificateRenewalTest, IsDueWhenAThirdIsLeft) {
    const CertificateRenewal its = renewal();
    wait(195);
    EXPECT_FALSE(its.due());
    wait(10);
    EXPECT_TRUE(its.due());
    EXPECT_EQ(its.trouble(), "");
    wait(100);
    EXPECT_NE(its.trouble().find("has expired"), std::string::npos);
}

TEST_F(CertificateRenewalTest, IsDueWhenItDoesNotHoldYet) {
    wait(-1);
    EXPECT_FALSE(renewal().due());
    wait(-1);
    CertificateRenewal its = renewal();
    EXPECT_NE(its.trouble().find("does not hold before"), std::string::npos);
    EXPECT_TRUE(its.due());
    its.renew(port_);
    EXPECT_EQ(its.trouble(), "");
    EXPECT_FALSE(its.due());
}

TEST_F(CertificateRenewalTest, PutsANewOneInPlace) {
    CertificateRenewal its = renewal();
    const std::string before = readTextFile(file_);
    wait(250);
    its.renew(port_);
    EXPECT_EQ(reloads_, 1);
    EXPECT_FALSE(its.due());
    const std::string after = readTextFile(file_);
    EXPECT_NE(fingerprintOf(after), fingerprintOf(before));
    EXPECT_NE(after.find("PRIVATE KEY"), std::string::npos);
    EXPECT_FALSE(renewal().due());
}

TEST_F(CertificateRenewalTest, KeepsTheOldOneWhenItFails) {
    CertificateRenewal its = renewal();
    const std::string before = readTextFile(file_);
    servant_->fails = true;
    expectError(ErrorCode::unavailable, [&] { its.renew(port_); });
    servant_->fails = false;
    servant_->name = "somebody";
    expectError(ErrorCode::untrusted, [&] { its.renew(port_); });
    EXPECT_EQ(readTextFile(file_), before);
    EXPECT_EQ(reloads_, 0);
}

}  // namespace
}  // namespace coffer
