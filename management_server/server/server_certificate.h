#pragma once

#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/trust/certificate.h"
#include "core/trust/certificate_authority.h"

namespace coffer {

/// The server's own certificate: made by its own authority, valid for 90 days, made anew when a
/// third of that is left. Used by one thread.
class ServerCertificate {
  public:
    /// `file` holds certificate and key (PEM); `hosts` stand in the next one. Authority and clock
    /// outlive it.
    ServerCertificate(const CertificateAuthority& authority, const Clock& clock, std::string file,
                      std::vector<std::string> hosts);

    /// Whether there is none, or it is about to end.
    bool due() const;

    /// Makes a new one with a fresh key, in the place of the old one. Throws
    /// Error(invalidArgument) for a host's name that is none, and what writing throws.
    void renew();

  private:
    const CertificateAuthority& authority_;
    const Clock& clock_;
    const std::string file_;
    const std::vector<std::string> hosts_;
};

}  // namespace coffer
