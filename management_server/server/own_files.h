#pragma once

#include <string>
#include <vector>

#include "management_server/self_backup/self_backup.h"
#include "management_server/server/server_folder.h"

namespace coffer {

// The files that make a server beside its database: authority, certificate, keys, settings and the
// secrets that these name. By these names they stand in the server's own backup.

/// All that is there. `settingsFiles`: as ServerSettings::read takes them; what counts of them is
/// gathered in one. `repositories`: names of those whose keys belong to it.
std::vector<OwnFile> ownFiles(const ServerFolder& folder,
                              const std::vector<std::string>& settingsFiles,
                              const std::vector<std::string>& repositories);

/// Where a file of that name belongs in a state folder. Throws Error(unsupported) for a name that
/// ownFiles does not give.
std::string placeOfOwnFile(const ServerFolder& folder, const std::string& name);

/// Settings that name a file with a secret or certificate.
std::vector<std::string> settingsOfFiles();

/// Name of the file that such a setting names.
std::string secretFileOf(const std::string& setting);

}  // namespace coffer
