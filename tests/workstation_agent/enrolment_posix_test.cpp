#include "workstation_agent/enrolment.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "core/base/clock.h"
#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "core/trust/certificate_authority.h"
#include "core/trust/private_file.h"
#include "tests/support/expect_error.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/test_orb.h"

namespace coffer {
namespace {

const std::string fingerprint(64, 'a');
const std::string secret(64, 'b');
const std::string tokenText = "cft1-" + fingerprint + "-" + secret;

TEST(EnrolmentToken, IsReadWithSpacesRoundIt) {
    const EnrolmentToken token = EnrolmentToken::parse("  " + tokenText + "\r\n");
    EXPECT_EQ(token.text, tokenText);
    EXPECT_EQ(token.fingerprint, fingerprint);
}

TEST(EnrolmentToken, RefusesWhatIsNone) {
    for (const std::string& text :
         {std::string(), std::string("cft1--"), tokenText.substr(1), tokenText + "0",
          "cft2" + tokenText.substr(4), "cft1-" + fingerprint + "_" + secret,
          "cft1-" + std::string(64, 'x') + "-" + secret,
          "cft1-" + fingerprint + "-" + std::string(64, 'x')}) {
        const auto error = errorOf([&] { EnrolmentToken::parse(text); });
        ASSERT_TRUE(error) << text;
        EXPECT_EQ(error->code(), ErrorCode::invalidArgument);
        const bool repeated = std::string(error->what()).find(text) != std::string::npos;
        EXPECT_EQ(repeated, text.empty());
    }
}

/// A gate that signs for whoever shows the token, once.
class FakeGate : public POA_Coffer::Gate {
  public:
    FakeGate(const CertificateAuthority& authority) : authority_(authority) {}

    char* enrolAgent(const char* token, const char* request, const Coffer::Octets& agentId,
                     const Coffer::Octets& verifyKey) override {
        return rpc::serve("enrolAgent", [&] {
            if (refusal) throw Error(*refusal);
            EXPECT_EQ(token, tokenText);
            rpc::toId<AgentId>(agentId);
            key = rpc::toId<VerifyKey>(verifyKey);
            return CORBA::string_dup(
                authority_.sign(request, "laptop-7", role, std::chrono::hours(24)).c_str());
        });
    }
    Coffer::Settings* hello() override { throw CORBA::NO_IMPLEMENT(); }
    char* enrolClient(const char*, const char*, const char*) override {
        throw CORBA::NO_IMPLEMENT();
    }
    Coffer::Session_ptr login(const char*, const char*, CORBA::Long) override {
        throw CORBA::NO_IMPLEMENT();
    }

    std::optional<Error> refusal;
    Role role = Role::agent;
    VerifyKey key;

  private:
    const CertificateAuthority& authority_;
};

class EnrolmentTest : public testing::Test {
  protected:
    EnrolmentTest() {
        makePrivateFolder(scratch_ / "server");
        authority_.emplace(CertificateAuthority::create(scratch_ / "server", clock_));
        gate_ = new FakeGate(*authority_);
        way_.fetchAuthority = [this](const Endpoint&, const std::string& asked) {
            if (unreachable_) throw Error(ErrorCode::unavailable, "refused");
            EXPECT_EQ(asked, fingerprint);
            return authority_->certificate();
        };
        way_.withGate = [this](const Endpoint&, const std::string& file,
                               const std::function<void(Coffer::Gate_ptr)>& work) {
            EXPECT_EQ(readTextFile(file), authority_->certificate());
            const Coffer::Gate_var gate = gate_->_this();
            work(gate);
        };
        folder_.make();
    }
    std::string enrolNow() {
        return enrol(folder_, server_, EnrolmentToken::parse(tokenText), way_);
    }

    ScratchFolder scratch_;
    SystemClock clock_;
    std::unique_ptr<Disk> disk_ = makeSystemDisk();
    AgentFolder folder_{*disk_, scratch_ / "state"};
    std::optional<CertificateAuthority> authority_;
    PortableServer::Servant_var<FakeGate> gate_;
    EnrolmentWay way_;
    const Endpoint server_ = Endpoint::parse("backup.example:2424");
    bool unreachable_ = false;
};

TEST_F(EnrolmentTest, MakesTheComputerAnAgent) {
    EXPECT_FALSE(folder_.enrolled());
    EXPECT_EQ(enrolNow(), "laptop-7");
    EXPECT_TRUE(folder_.enrolled());
    EXPECT_EQ(folder_.identity().sign.verifyKey(), gate_->key);
    EXPECT_EQ(readTextFile(folder_.authorityFile()), authority_->certificate());
    const std::string identity = readTextFile(folder_.certificateFile());
    EXPECT_EQ(factsOf(identity).name, "laptop-7");
    EXPECT_NE(identity.find("PRIVATE KEY"), std::string::npos);
    EXPECT_FALSE(disk_->stat(folder_.authorityFile() + ".new"));
}

TEST_F(EnrolmentTest, ItsFilesAreSecret) {
    enrolNow();
    for (const std::string& file :
         {folder_.certificateFile(), folder_.path() + "/identity/agent-keys"}) {
        struct stat found {};
        ASSERT_EQ(::stat(file.c_str(), &found), 0) << file;
        EXPECT_EQ(found.st_mode & 0777, 0600u) << file;
    }
    struct stat found {};
    ASSERT_EQ(::stat(folder_.path().c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777, 0700u);
}

TEST_F(EnrolmentTest, StaysTheSameAgentWhenAsked) {
    const auto withKeysOfBefore = [&] {
        return enrol(folder_, server_, EnrolmentToken::parse(tokenText), way_, AgentKeysOf::before);
    };
    expectError(ErrorCode::notFound, withKeysOfBefore);
    enrolNow();
    const AgentIdentity before = folder_.identity();
    withKeysOfBefore();
    EXPECT_EQ(folder_.identity().id, before.id);
    EXPECT_EQ(gate_->key, before.sign.verifyKey());
    enrolNow();
    EXPECT_NE(folder_.identity().id, before.id);
}

TEST_F(EnrolmentTest, AFailureLeavesWhatWasThere) {
    enrolNow();
    const std::string before = readTextFile(folder_.certificateFile());
    const VerifyKey key = folder_.identity().sign.verifyKey();
    gate_->refusal = Error(ErrorCode::permissionDenied, "it was used already");
    expectError(
        ErrorCode::permissionDenied, [&] { enrolNow(); }, "get a new one");
    EXPECT_EQ(readTextFile(folder_.certificateFile()), before);
    EXPECT_EQ(folder_.identity().sign.verifyKey(), key);
    EXPECT_FALSE(disk_->stat(folder_.authorityFile() + ".new"));
}

TEST_F(EnrolmentTest, SaysWhatToDoAboutATroubledServer) {
    unreachable_ = true;
    expectError(
        ErrorCode::unavailable, [&] { enrolNow(); }, "cannot be reached at backup.example:2424");
    unreachable_ = false;
    way_.fetchAuthority = [](const Endpoint&, const std::string&) -> std::string {
        throw Error(ErrorCode::untrusted, "another authority");
    };
    expectError(
        ErrorCode::untrusted, [&] { enrolNow(); }, "not the server that the token is from");
    EXPECT_FALSE(folder_.enrolled());
}

TEST_F(EnrolmentTest, TakesNoOtherCertificate) {
    gate_->role = Role::client;
    expectError(ErrorCode::untrusted, [&] { enrolNow(); });
    EXPECT_FALSE(folder_.enrolled());
}

TEST_F(EnrolmentTest, NeverSaysTheToken) {
    gate_->refusal = Error(ErrorCode::internal, "oops");
    const auto error = errorOf([&] { enrolNow(); });
    ASSERT_TRUE(error);
    EXPECT_EQ(std::string(error->what()).find(secret), std::string::npos);
}

TEST_F(EnrolmentTest, WithoutOneThereIsNoIdentity) {
    expectError(
        ErrorCode::notFound, [&] { folder_.identity(); }, "enrol");
}

}  // namespace
}  // namespace coffer
