#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "management_server/check/certificate_check.h"
#include "management_server/check/finding.h"
#include "management_server/repositories/server_repositories.h"

namespace coffer {

/// What server.db says of itself and of what is to be looked at further.
struct DatabaseFacts {
    Finding finding;
    std::optional<Timestamp> lastEvent;
    std::vector<RepositoryRecord> repositories;
    std::vector<AgentCertificate> agents;         // those that are not revoked
    std::map<std::string, std::string> settings;  // that administrators have set
    std::vector<std::string> tasksWithMail;       // by name; of the present schema alone
};

/// Looks at server.db, of which a server may be running: schema, then every page (PRAGMA
/// quick_check). Nothing is changed. Never throws.
DatabaseFacts checkDatabase(const std::string& path);

}  // namespace coffer
