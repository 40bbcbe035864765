#include "workstation_agent/certificate_renewal.h"

#include <utility>

#include "core/base/error.h"
#include "core/rpc/failure.h"
#include "core/service/log.h"
#include "core/trust/private_file.h"

namespace coffer {

CertificateRenewal::CertificateRenewal(std::string file, const Clock& clock,
                                       std::function<void()> reload)
    : file_(std::move(file)),
      clock_(clock),
      reload_(std::move(reload)),
      facts_(factsOf(readTextFile(file_))) {}

bool CertificateRenewal::due() const {
    const std::int64_t validity = facts_.notAfter.seconds - facts_.notBefore.seconds;
    return early() || clock_.now().seconds >= facts_.notAfter.seconds - validity / 3;
}

bool CertificateRenewal::early() const {
    return clock_.now() < facts_.notBefore;
}

std::string CertificateRenewal::trouble() const {
    const std::string anew = "revoke the agent and enrol it again with --same-keys";
    if (clock_.now() > facts_.notAfter) return "the agent's certificate has expired: " + anew;
    if (!early()) return "";
    return "the agent's certificate does not hold before " + toIso8601(facts_.notBefore) +
           ": see whether the clock of this computer is right; if it is, the server's was ahead "
           "once: " +
           anew;
}

void CertificateRenewal::renew(Coffer::AgentPort_ptr port) {
    const std::string key = makePrivateKey();
    const std::string request = makeRequest(key, facts_.name);
    const std::string certificate = rpc::call("renew the certificate", [&] {
        const CORBA::String_var made = port->renew(request.c_str());
        return std::string(made);
    });
    const CertificateFacts facts = factsOf(certificate);
    if (facts.role != Role::agent || facts.name != facts_.name) {
        throw Error(ErrorCode::untrusted, "the server gave a certificate of somebody else");
    }
    writePrivateFile(file_, certificate + key);
    facts_ = facts;
    reload_();
    log(LogLevel::info, "certificate.renewed", {{"until", toIso8601(facts.notAfter)}});
}

}  // namespace coffer
