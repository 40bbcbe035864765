#pragma once

#include <string>

#include "core/rpc/orb.h"
#include "core/trust/certificate_authority.h"
#include "idl/management.hh"
#include "tests/support/scratch_folder.h"

namespace coffer {

/// Certificates of a network in a folder of its own: its authority and who was signed by it.
class TestNetwork {
  public:
    TestNetwork() = default;

    std::string authority() const { return folder_ / "authority.pem"; }
    std::string fingerprint() const { return authority_.fingerprint(); }

    /// A new identity file NAME.pem each time.
    std::string identity(const std::string& name, Role role);
    std::string server() { return identity(std::string(serverCommonName), Role::server); }

    /// The same, from two days ago for a day.
    std::string expired(const std::string& name, Role role);

    /// Puts a new certificate of the same name into an identity file; gives its serial number.
    std::string renew(const std::string& identityFile, const std::string& name, Role role);

    rpc::OrbSettings settings(rpc::OrbRole role, const std::string& identityFile = {}) const;

    const ScratchFolder& folder() const { return folder_; }

  private:
    std::string write(const std::string& name, Role role, const Clock& clock);

    const ScratchFolder folder_;
    const SystemClock clock_{};
    const CertificateAuthority authority_ = CertificateAuthority::create(folder_.path(), clock_);
    int count_ = 0;
};

/// What a server says of a call: the value of a name in its answer, or "none".
std::string valueIn(const Coffer::Settings& settings, const std::string& name);

/// The gate of a server, and what its hello says, through rpc::call.
Coffer::Gate_var gateOf(rpc::Orb& orb, const Endpoint& server);
Coffer::Settings_var hello(Coffer::Gate_ptr gate);

}  // namespace coffer
