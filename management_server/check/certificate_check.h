#pragma once

#include <optional>

#include "core/trust/validity.h"
#include "management_server/check/finding.h"

namespace coffer {

/// An error when a certificate does not hold now, a warning when less than `renewedAt` of its time
/// is left, in seconds.
Finding checkCertificate(const std::string& subject, const Validity& validity, Timestamp now,
                         std::int64_t renewedAt, const std::string& advice);

/// When the last certificate of an agent ends, and when it was last seen.
struct AgentCertificate {
    std::string agent;
    std::optional<Timestamp> ends;
    std::optional<Timestamp> seen{};
};

/// A warning that names the agents whose last certificate has ended, ends within 14 days, or does
/// not hold yet while they have not been seen for a day.
Finding checkAgentCertificates(const std::vector<AgentCertificate>& agents, Timestamp now);

}  // namespace coffer
