#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/base/guarded.h"
#include "core/trust/certificate.h"

namespace coffer {

/// The certificates that agents may use, in memory: asked in every handshake and call. Safe to
/// share between threads.
class KnownCertificates {
  public:
    /// Whether the bearer may come in: clients, whom passwords check later, and agents with a
    /// certificate that was issued here and has not been revoked.
    bool accept(const CertificateFacts& peer) const;

    /// What the agent with this certificate is called now; the certificate has the name of the day
    /// when it enrolled. Nothing for one that may not come in.
    std::optional<std::string> agentOf(const CertificateFacts& peer) const;

    /// From now on these are the agent's, by fingerprint, and no others.
    void set(const std::string& agent, const std::vector<std::string>& fingerprints);

    /// All of them by fingerprint, and in `seen` the number of this state of things; nothing when
    /// that is the one it has already. The first has number 1.
    std::optional<std::map<std::string, std::string>> since(std::uint64_t& seen) const;

  private:
    struct Agents {
        std::unordered_map<std::string, std::string> names;  // by fingerprint
        std::uint64_t changes = 1;
    };
    Guarded<Agents> agents_;
};

}  // namespace coffer
