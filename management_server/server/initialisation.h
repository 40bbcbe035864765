#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "management_server/access/password_hasher.h"
#include "management_server/server/server_folder.h"

namespace coffer {

/// What `coffer-server init` is told.
struct InitOrder {
    std::string listen;              // empty: the default
    std::vector<std::string> hosts;  // for the certificate; none: this computer's name
};

/// Hands a one-time password of a user to a person. Called before the password counts; what it
/// throws keeps the old state.
using ShowPassword = std::function<void(const std::string& password)>;

/// Makes all that a server needs, the user "admin" last: cut short, it is simply done again. Gives
/// the fingerprint of the authority. Throws Error(alreadyExists) when it has been done before,
/// (busy) while a server runs, (invalidArgument) for a listen address or host that is none.
std::string initialise(ServerFolder& folder, const InitOrder& order, const PasswordHasher& hasher,
                       const Clock& clock, const ShowPassword& show);

/// Gives a user a one-time password, which has to be changed at the next login; lets him in again
/// if he was disabled, and without a second factor. Throws
/// Error(notFound) for an unknown user or a server that was never initialised, (busy) while a
/// server runs.
void resetPassword(const ServerFolder& folder, const std::string& user,
                   const PasswordHasher& hasher, const Clock& clock, const ShowPassword& show);

}  // namespace coffer
