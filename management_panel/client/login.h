#pragma once

#include <functional>
#include <string>

#include "core/base/clock.h"
#include "management_panel/client/client_folder.h"
#include "management_panel/client/saved_session.h"

namespace coffer::client {

/// What a login needs.
struct LoginOrder {
    Endpoint server;
    std::string user;
    std::string password;     // a secret
    std::string fingerprint;  // of the network's authority; or
    std::string authority;    // its certificate (PEM); both empty: as at the login before
    bool renew = false;       // ask for a new certificate though there is one

    /// Gives a code of the second factor; called when the server wants one.
    std::function<std::string()> code = {};
};

/// What a login tells beside that it worked.
struct LoginAnswer {
    bool mustChangePassword = false;  // nothing else is possible before
};

/// Logs in and saves the session. At the first time, and whenever user, authority or validity call
/// for it, a key is made and the server signs its certificate. Makes and ends an ORB or two: there
/// must be none in the process. Throws Error(invalidArgument) when the authority is not known yet,
/// (untrusted) when the server belongs to another, (permissionDenied) for user, password and
/// code, (unavailable).
LoginAnswer logIn(const ClientFolder& folder, const LoginOrder& order, const Clock& clock);

/// Ends the session at the server, as far as it can be reached, and forgets it; server, user and
/// certificate stay for the next login.
void logOut(const ClientFolder& folder);

}  // namespace coffer::client
