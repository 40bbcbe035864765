#include "management_server/check/certificate_check.h"

#include "core/console/format.h"

namespace coffer {

namespace {

constexpr const char* anew =
    "revoke these agents ('coffer revoke NAME'); those that go on get a token ('coffer enrol-token "
    "NAME') and are enrolled again with 'coffer-workstation-agent enrol --same-keys'";

constexpr std::int64_t day = 86'400;
constexpr std::int64_t soon = 14 * day;

// What is issued now ends before such a one does. Who has been seen lately has got a better one.
bool isDatedAhead(const AgentCertificate& agent, Timestamp now) {
    constexpr std::int64_t longest = std::chrono::seconds(agentValidity + validBefore).count();
    if (agent.ends->seconds - now.seconds <= longest) return false;
    return !agent.seen || *agent.seen > now || now.seconds - agent.seen->seconds > day;
}

}  // namespace

Finding checkCertificate(const std::string& subject, const Validity& validity, Timestamp now,
                         std::int64_t renewedAt, const std::string& advice) {
    if (now < validity.notBefore) {
        return {FindingLevel::error, subject,
                "it begins to hold at " + toIso8601(validity.notBefore) + ", which is to come",
                "see whether the clock is right; else " + advice};
    }
    const std::int64_t left = validity.notAfter.seconds - now.seconds;
    if (left <= 0) {
        return {FindingLevel::error, subject, "it has ended at " + toIso8601(validity.notAfter),
                advice};
    }
    Finding finding{FindingLevel::ok, subject, "it holds for " + shownSpan(left) + " more"};
    if (left < renewedAt) {
        finding.level = FindingLevel::warning;
        finding.advice = advice;
    }
    return finding;
}

Finding checkAgentCertificates(const std::vector<AgentCertificate>& agents, Timestamp now) {
    constexpr const char* subject = "certificates of agents";
    std::vector<std::string> ended;
    std::vector<std::string> ending;
    std::vector<std::string> ahead;
    for (const AgentCertificate& agent : agents) {
        const std::int64_t left = agent.ends ? agent.ends->seconds - now.seconds : 0;
        if (left <= 0) {
            ended.push_back(agent.agent);
        } else if (left < soon) {
            ending.push_back(agent.agent);
        } else if (isDatedAhead(agent, now)) {
            ahead.push_back(agent.agent);
        }
    }
    if (!ended.empty()) {
        return {FindingLevel::warning, subject, "they have ended: " + namesOf(ended), anew};
    }
    if (!ahead.empty()) {
        return {FindingLevel::warning, subject,
                "they do not hold yet: " + namesOf(ahead) +
                    "; the clock was ahead when they were issued, or is behind now",
                std::string("see whether the clock is right ('timedatectl'). If so, ") + anew};
    }
    if (!ending.empty()) {
        return {FindingLevel::warning, subject,
                "they end within " + shownSpan(soon) + ": " + namesOf(ending),
                "let these agents attach, which renews their certificates"};
    }
    return {FindingLevel::ok, subject, countText(agents.size(), "agent") + ", all hold"};
}

}  // namespace coffer
