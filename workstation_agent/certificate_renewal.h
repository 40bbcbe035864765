#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/base/clock.h"
#include "core/trust/certificate.h"
#include "idl/agent.hh"

namespace coffer {

/// Gets the agent a new certificate in time: when a third of the validity of the old one is left,
/// and as soon as it can when that does not hold yet (the server's clock was ahead).
/// Used by one thread.
class CertificateRenewal {
  public:
    /// `file` holds certificate and key (PEM). `reload` makes the program use a new one. The clock
    /// outlives it. Throws Error(notFound), (corrupt).
    CertificateRenewal(std::string file, const Clock& clock, std::function<void()> reload);

    bool due() const;

    /// Why it does not hold now, and what to do; empty when it does.
    std::string trouble() const;

    const CertificateFacts& facts() const { return facts_; }

    /// Asks the server for a new one with a fresh key, and puts it into the place of the old one.
    /// Throws Error; then the old one stays.
    void renew(Coffer::AgentPort_ptr port);

  private:
    bool early() const;

    const std::string file_;
    const Clock& clock_;
    const std::function<void()> reload_;
    CertificateFacts facts_;
};

}  // namespace coffer
