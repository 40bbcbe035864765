#pragma once

#include <functional>
#include <string>

#include "core/codec/signature.h"
#include "core/repository/ids.h"
#include "core/rpc/caller.h"
#include "core/trust/certificate_authority.h"
#include "idl/management.hh"
#include "management_server/access/authentication.h"
#include "management_server/access/session_table.h"

namespace coffer {

/// What an agent brings when it enrols.
struct EnrolmentOrder {
    std::string token;    // a secret
    std::string request;  // PKCS #10, PEM
    AgentId agent;
    VerifyKey verifyKey;
};

/// What the Gate needs; all of it outlives the Gate.
struct GateParts {
    const CertificateAuthority& authority;
    Authentication& authentication;
    SessionTable& sessions;
    const Clock& clock;

    /// Lets an agent in and gives its certificate (PEM); Enrolment::enrol.
    std::function<std::string(const EnrolmentOrder&)> enrolAgent;

    /// A reference to a session; see sessionReference().
    std::function<Coffer::Session_ptr(const UserSession&)> refer;

    std::string version;                                       // of this program
    std::function<rpc::Caller()> caller = rpc::currentCaller;  // tests put their own here
};

/// Where everybody begins; object key "CofferGate". The only servant for callers without a
/// certificate, so everything in it is bounded and checked in the order of its cost.
class Gate : public POA_Coffer::Gate {
  public:
    explicit Gate(GateParts parts);

    Coffer::Settings* hello() override;
    char* enrolAgent(const char* token, const char* request, const Coffer::Octets& agentId,
                     const Coffer::Octets& verifyKey) override;
    char* enrolClient(const char* user, const char* password, const char* request) override;
    Coffer::Session_ptr login(const char* user, const char* password, CORBA::Long level) override;

  private:
    UserSession begin(const KnownUser& user, const std::string& address);

    const GateParts parts_;
    AttemptLimiter tokens_;  // by address
};

}  // namespace coffer
