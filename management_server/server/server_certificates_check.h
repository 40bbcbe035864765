#pragma once

#include <vector>

#include "core/base/clock.h"
#include "management_server/check/certificate_check.h"
#include "management_server/server/server_folder.h"

namespace coffer {

/// How long the certificates of a server hold: that of its authority, its own, and those of its
/// agents. Never throws.
Findings checkServerCertificates(const ServerFolder& folder,
                                 const std::vector<AgentCertificate>& agents, Timestamp now);

}  // namespace coffer
