#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "core/trust/certificate.h"

namespace coffer {

/// The network's own certificate authority: a folder of the server with its certificate
/// ("authority.pem") and its key ("authority.key", 0600). RFC 5280. Safe to share between threads.
class CertificateAuthority {
  public:
    /// Makes one, valid for 20 years. Throws Error(alreadyExists).
    static CertificateAuthority create(const std::string& folder, const Clock& clock);

    /// Throws Error(notFound), (corrupt), (wrongKey) when key and certificate do not belong
    /// together.
    static CertificateAuthority load(const std::string& folder, const Clock& clock);

    const std::string& certificate() const { return certificate_; }  // PEM
    std::string fingerprint() const { return fingerprintOf(certificate_); }

    /// Signs a request for a name and role; what the request asks for beside its key is not looked
    /// at. `hosts` (names or addresses) go into the subjectAltName of who serves. Gives a PEM
    /// certificate. Throws Error(invalidArgument) for a request that does not parse, whose
    /// signature does not hold, or whose key is weaker than P-256 or RSA 2048.
    std::string sign(std::string_view request, const std::string& name, Role role,
                     std::chrono::hours validity, const std::vector<std::string>& hosts = {}) const;

  private:
    CertificateAuthority(std::string certificate, std::string key, const Clock& clock)
        : certificate_(std::move(certificate)), key_(std::move(key)), clock_(&clock) {}

    std::string certificate_;
    std::string key_;
    const Clock* clock_;
};

}  // namespace coffer
