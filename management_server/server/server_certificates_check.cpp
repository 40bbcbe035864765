#include "management_server/server/server_certificates_check.h"

#include "core/trust/private_file.h"

namespace coffer {

namespace {

constexpr std::int64_t day = 86'400;

}  // namespace

Findings checkServerCertificates(const ServerFolder& folder,
                                 const std::vector<AgentCertificate>& agents, Timestamp now) {
    const auto look = [&](const std::string& subject, const std::string& file, std::int64_t soon,
                          const std::string& advice) {
        return foundBy(subject, restoreAdvice, [&] {
            return checkCertificate(subject, validityOf(readTextFile(file)), now, soon, advice);
        });
    };
    return {look("authority", folder.authorityFile(), 365 * day,
                 "make a new server ('init') in time, and enrol all agents there"),
            look("certificate of the server", folder.certificateFile(), 25 * day,
                 "restart the server, which renews it; a running one does so by itself"),
            checkAgentCertificates(agents, now)};
}

}  // namespace coffer
