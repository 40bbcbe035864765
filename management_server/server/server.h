#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/rpc/orb.h"
#include "core/trust/certificate_authority.h"
#include "management_server/access/password_hasher.h"
#include "management_server/server/server_folder.h"
#include "management_server/server/server_settings.h"

namespace coffer {

/// What a server is made of; all references outlive it.
struct ServerParts {
    const ServerFolder& folder;  // initialised, and locked by the caller
    const ServerSettings& settings;
    const CertificateAuthority& authority;
    const PasswordHasher& hasher;
    const Clock& clock;
    std::string version;
    std::vector<std::string> settingsFiles{};  // that the settings were read from
};

/// The management server: all parts put together, for whatever Orb. Safe to share between threads,
/// but for serve() and stop().
///
///     Server server(parts);
///     rpc::Orb orb({… .accepts = [&](const auto& peer) { return server.accepts(peer); }});
///     server.serve(orb);
///     …
///     server.stop();     // then the Orb ends, then the server
class Server {
  public:
    /// Opens the database; nobody reaches anything yet. Throws Error.
    explicit Server(const ServerParts& parts);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// For OrbSettings::accepts. Quick.
    bool accepts(const CertificateFacts& peer) const noexcept;

    /// Makes everything reachable and starts the server's threads. Once; the Orb ends before the
    /// server does.
    void serve(rpc::Orb& orb);

    /// Reads settings and the server's certificate anew. After serve(). Throws Error for files that
    /// cannot be used.
    void reload();

    /// What the housekeeping does, on this thread; for tests.
    void tick();

    /// Takes no more calls, ends what waits, and the server's threads. Safe to repeat.
    void stop();

  private:
    class Parts;   // what there is without an Orb
    class Served;  // what is reached through it

    std::unique_ptr<Parts> parts_;
    std::unique_ptr<Served> served_;
};

}  // namespace coffer
