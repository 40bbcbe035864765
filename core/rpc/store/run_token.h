#pragma once

#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/codec/secret.h"
#include "core/repository/ids.h"

namespace coffer::rpc {

/// What a worker may do at the store.
struct RunGrant {
    enum class Kind : std::uint8_t { backup = 1, restore = 2 };
    Kind kind = Kind::backup;
    std::int64_t run = 0;       // 0: none, sessions are begun independently of each other
    std::uint32_t attempt = 0;  // at the run; a later one ends the sessions of those before
    std::string repository;     // its name at the server
    std::string agent;          // name in the certificate that must show the token
    AgentId agentId;
    std::string snapshot;            // id, 32 digits: restored, or made (none: whatever it is)
    std::vector<std::string> paths;  // of a restore: absolute; none: all
    std::vector<std::string> tags;   // of a backup: written on its snapshot
    Timestamp expires;
};

/// The secret of RunTokens as a file has it: hexadecimal, one line. Throws Error(corrupt), which
/// does not say what stands there.
SecretKey tokenKeyIn(std::string_view text);

/// Makes and checks tokens with one secret of the server (HMAC-SHA-256, RFC 2104). Whoever holds
/// the secret needs nothing else, so that the store can be a process of its own. Immutable, safe to
/// share.
class RunTokens {
  public:
    RunTokens(SecretKey key, const Clock& clock) : key_(std::move(key)), clock_(clock) {}

    Bytes issue(const RunGrant& grant) const;

    /// Throws Error(permissionDenied) for one that is forged, cut or expired.
    RunGrant check(ByteView token) const;

  private:
    SecretKey key_;
    const Clock& clock_;
};

}  // namespace coffer::rpc
