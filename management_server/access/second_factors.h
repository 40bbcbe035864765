#pragma once

#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/clock.h"
#include "management_server/database/server_database.h"

namespace coffer {

/// The second factors of users in server.db: the secret of their authenticator, and the hashes of
/// recovery codes, each of which is good once. Safe to share between threads.
class SecondFactors {
  public:
    /// Both outlive it.
    SecondFactors(ServerDatabase& database, const Clock& clock);

    /// Whether a login of the user needs a code: from its confirmation on.
    bool isOn(const std::string& user) const;

    /// Makes a secret, which counts once it is confirmed. Throws Error(conflict) when there is one
    /// that is.
    Bytes begin(const std::string& user);

    /// The authenticator shows the right code: it is asked for from now on. Gives ten recovery
    /// codes. Throws Error(permissionDenied) for a wrong one, (notFound) without begin().
    std::vector<std::string> confirm(const std::string& user, const std::string& code);

    /// Whether it is a code of the authenticator that was not used yet, nor one before a used one,
    /// or a recovery code. It is used up by this.
    bool use(const std::string& user, const std::string& code);

    /// Nothing happens when there is none.
    void remove(const std::string& user);

  private:
    ServerDatabase& database_;
    const Clock& clock_;
};

}  // namespace coffer
