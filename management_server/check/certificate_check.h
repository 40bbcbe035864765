#pragma once

#include <optional>

#include "core/trust/validity.h"
#include "management_server/check/finding.h"

namespace coffer {

/// An error when a certificate does not hold now, a warning when less than `renewedAt` of its time
/// is left, in seconds.
Finding checkCertificate(const std::string& subject, const Validity& validity, Timestamp now,
                         std::int64_t renewedAt, const std::string& advice);

/// When the last certificate of an agent ends.
struct AgentCertificate {
    std::string agent;
    std::optional<Timestamp> ends;
};

/// A warning that names the agents whose last certificate has ended or ends within 14 days.
Finding checkAgentCertificates(const std::vector<AgentCertificate>& agents, Timestamp now);

}  // namespace coffer
