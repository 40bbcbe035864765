#include "management_server/repositories/proof_facts.h"

namespace coffer {

namespace {
constexpr unsigned usualDays = 30;
}  // namespace

rpc::SettingMap proofFacts(const Ledger& ledger, const Clock& clock, unsigned days) {
    Timestamp since = clock.now();
    since.seconds -= std::int64_t{86'400} * (days > 0 ? days : usualDays);
    const ProofSummary summary = ledger.proofSummary(since);
    rpc::SettingMap facts = {{"proven-percent", std::to_string(summary.provenPercent())},
                             {"proven-bytes", std::to_string(summary.provenBytes)},
                             {"unread-packs", std::to_string(summary.unreadPacks)},
                             {"read-days", std::to_string(days)}};
    if (summary.oldest) facts["longest-unread"] = toIso8601(*summary.oldest);
    return facts;
}

}  // namespace coffer
