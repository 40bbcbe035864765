#pragma once

#include <string>

#include "core/trust/pinned_authority.h"
#include "management_panel/client/client_folder.h"

namespace coffer::client {

/// What a login leaves for the calls after it. The reference is as good as a password until the
/// session ends.
struct SavedSession {
    Endpoint server;
    std::string user;
    std::string reference;  // stringified Coffer::Session; empty after a logout
};

/// Throws Error(loginAgain) when nobody has logged in yet or the file cannot be understood.
SavedSession loadSession(const ClientFolder& folder);

void saveSession(const ClientFolder& folder, const SavedSession& session);

}  // namespace coffer::client
