#pragma once

#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/trust/certificate.h"
#include "core/trust/certificate_authority.h"

namespace coffer {

/// The certificate of the server itself, or of a store that runs beside it: made by its own
/// authority, valid for 90 days, made anew when a third of that is left, and when the clock was
/// ahead as it was made. Used by one thread.
class ServerCertificate {
  public:
    /// `file` holds certificate and key (PEM); `hosts` stand in the next one. `role` is one that
    /// serves. Authority and clock outlive it.
    ServerCertificate(const CertificateAuthority& authority, const Clock& clock, std::string file,
                      std::vector<std::string> hosts, Role role = Role::server);

    /// Whether there is none, or it does not hold yet, or is about to end.
    bool due() const;

    /// Makes a new one with a fresh key, in the place of the old one. Throws
    /// Error(invalidArgument) for a host's name that is none, and what writing throws.
    void renew();

    /// Certificate and key as renew() would write them.
    std::string make() const;

  private:
    const CertificateAuthority& authority_;
    const Clock& clock_;
    const std::string file_;
    const std::vector<std::string> hosts_;
    const Role role_;
};

}  // namespace coffer
