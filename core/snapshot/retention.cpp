#include "core/snapshot/retention.h"

#include <algorithm>
#include <array>
#include <map>

#include "core/base/error.h"

namespace coffer {

namespace {

using Candidates = std::vector<const RetentionCandidate*>;  // of one source, newest first

struct PeriodRule {
    KeepReason kind;
    Period period;
    std::uint32_t RetentionRules::*count;
};
constexpr std::array<PeriodRule, 5> periodRules{
    {{KeepReason::hourly, Period::hour, &RetentionRules::hourly},
     {KeepReason::daily, Period::day, &RetentionRules::daily},
     {KeepReason::weekly, Period::week, &RetentionRules::weekly},
     {KeepReason::monthly, Period::month, &RetentionRules::monthly},
     {KeepReason::yearly, Period::year, &RetentionRules::yearly}}};

std::string placeText(std::uint32_t place, std::uint32_t of) {
    return std::to_string(place) + " of " + std::to_string(of);
}

// Decides on the snapshots of one source.
class GroupDecision {
  public:
    GroupDecision(const RetentionRules& rules, const Candidates& snapshots, Timestamp now)
        : rules_(rules), snapshots_(snapshots), now_(now), reasons_(snapshots.size()) {}

    void countLast();
    void countPeriods(const ZoneOffset& zone);
    void keepWithin();
    void keepTagged();
    void keepLocked();
    void keepVerified();
    void keepNewest();
    void keepUndated();
    void holdWhileFailing(const SourceRuns* runs);
    std::vector<RetentionVerdict> take();

  private:
    void keep(std::size_t at, KeepReason kind, std::string detail = {}) {
        reasons_[at].push_back({kind, std::move(detail)});
    }
    bool counts(std::size_t at) const {
        return !snapshots_[at]->damaged && snapshots_[at]->committed <= now_;
    }
    void countPeriod(const PeriodRule& rule, const ZoneOffset& zone);

    const RetentionRules& rules_;
    const Candidates& snapshots_;
    const Timestamp now_;
    std::vector<std::vector<RetentionReason>> reasons_;
};

// A damaged snapshot, or one of the future, stays where a rule comes past it, but takes nobody's
// place.
void GroupDecision::countLast() {
    std::uint32_t taken = 0;
    for (std::size_t at = 0; at < snapshots_.size() && taken < rules_.last; ++at) {
        keep(at, KeepReason::last, placeText(taken + 1, rules_.last));
        if (counts(at)) ++taken;
    }
}

void GroupDecision::countPeriods(const ZoneOffset& zone) {
    for (const PeriodRule& rule : periodRules) countPeriod(rule, zone);
}

void GroupDecision::countPeriod(const PeriodRule& rule, const ZoneOffset& zone) {
    const std::uint32_t wanted = rules_.*rule.count;
    std::uint32_t taken = 0;
    std::optional<std::int64_t> lastPeriod;
    std::optional<std::size_t> oldest;  // that could count
    bool oldestKept = false;
    for (std::size_t at = 0; at < snapshots_.size() && taken < wanted; ++at) {
        if (snapshots_[at]->undated) continue;
        const Timestamp time = snapshots_[at]->committed;
        const std::int64_t period = periodNumber(rule.period, time, zone);
        const bool isNew = period != lastPeriod;
        if (isNew) {
            keep(at, rule.kind,
                 periodName(rule.period, time, zone) + ", " + placeText(taken + 1, wanted));
        }
        if (!counts(at)) continue;
        oldest = at;
        oldestKept = isNew;
        if (!isNew) continue;
        lastPeriod = period;
        ++taken;
    }
    // As long as there are fewer periods than wanted the oldest stays, so that what reaches back
    // farthest is not given up for the newest of the same period.
    if (taken < wanted && oldest && !oldestKept) keep(*oldest, rule.kind, "oldest");
}

// Counted from the newest, not from now: a source that is not backed up any more does not run out.
// From now, when the newest lies in the future.
void GroupDecision::keepWithin() {
    if (rules_.within == 0) return;
    const auto newest = std::ranges::find(snapshots_, false, &RetentionCandidate::undated);
    if (newest == snapshots_.end()) return;
    const Timestamp from = std::min(now_, (*newest)->committed);
    for (std::size_t at = 0; at < snapshots_.size(); ++at) {
        if (snapshots_[at]->undated) continue;
        const Timestamp committed = snapshots_[at]->committed;
        if (committed > Timestamp{from.seconds - rules_.within, from.nanoseconds}) {
            keep(at, KeepReason::within, durationName(rules_.within));
        }
    }
}

void GroupDecision::keepTagged() {
    for (std::size_t at = 0; at < snapshots_.size(); ++at) {
        for (const std::string& tag : snapshots_[at]->tags) {
            if (std::ranges::find(rules_.tags, tag) != rules_.tags.end()) {
                keep(at, KeepReason::tag, tag);
            }
        }
    }
}

void GroupDecision::keepLocked() {
    for (std::size_t at = 0; at < snapshots_.size(); ++at) {
        const auto& until = snapshots_[at]->lockedUntil;
        if (until && *until > now_) keep(at, KeepReason::locked, "until " + toIso8601(*until));
    }
}

void GroupDecision::keepVerified() {
    std::uint32_t taken = 0;
    for (std::size_t at = 0; at < snapshots_.size() && taken < rules_.keepVerified; ++at) {
        if (!snapshots_[at]->verified || snapshots_[at]->damaged) continue;
        keep(at, KeepReason::verified, placeText(taken + 1, rules_.keepVerified));
        if (counts(at)) ++taken;
    }
}

// Also those of a clock that was ahead: one of them may be the last that was made.
void GroupDecision::keepNewest() {
    bool kept = false;
    for (std::size_t at = 0; at < snapshots_.size(); ++at) {
        if (snapshots_[at]->damaged) continue;
        keep(at, KeepReason::newest);
        kept = true;
        if (counts(at)) return;
    }
    if (!kept) keep(0, KeepReason::newest);
}

// Rules of time would take all of them for those of one day.
void GroupDecision::keepUndated() {
    const bool countTime = rules_.within > 0 || std::ranges::any_of(periodRules, [&](auto& rule) {
                               return rules_.*rule.count > 0;
                           });
    if (!countTime) return;
    for (std::size_t at = 0; at < snapshots_.size(); ++at) {
        if (snapshots_[at]->undated) keep(at, KeepReason::undated);
    }
}

void GroupDecision::holdWhileFailing(const SourceRuns* runs) {
    if (!runs || !runs->lastFailure) return;
    if (runs->lastSuccess && *runs->lastSuccess >= *runs->lastFailure) return;
    for (std::size_t at = 0; at < snapshots_.size(); ++at) {
        if (reasons_[at].empty()) {
            keep(at, KeepReason::failing, "since " + toIso8601(*runs->lastFailure));
        }
    }
}

std::vector<RetentionVerdict> GroupDecision::take() {
    std::vector<RetentionVerdict> verdicts;
    for (std::size_t at = 0; at < snapshots_.size(); ++at) {
        verdicts.push_back({snapshots_[at]->id, std::move(reasons_[at])});
    }
    return verdicts;
}

std::vector<RetentionVerdict> decide(const RetentionRules& rules, const Candidates& snapshots,
                                     const SourceRuns* runs, Timestamp now,
                                     const ZoneOffset& zone) {
    GroupDecision decision(rules, snapshots, now);
    decision.countLast();
    decision.countPeriods(zone);
    decision.keepWithin();
    decision.keepTagged();
    decision.keepLocked();
    decision.keepVerified();
    decision.keepNewest();
    decision.keepUndated();
    decision.holdWhileFailing(runs);
    return decision.take();
}

// Puts the checkpoints back in their places.
void insertHidden(std::vector<RetentionVerdict>& verdicts, const Candidates& all) {
    auto visible = verdicts.begin();
    std::vector<RetentionVerdict> merged;
    for (const RetentionCandidate* snapshot : all) {
        if (snapshot->hidden) {
            merged.push_back({snapshot->id, {{KeepReason::checkpoint, {}}}});
        } else {
            merged.push_back(std::move(*visible++));
        }
    }
    verdicts = std::move(merged);
}

}  // namespace

SourceKey SourceKey::of(const AgentId& agent, std::vector<std::string> paths) {
    std::ranges::sort(paths);
    paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
    return {agent, std::move(paths)};
}

std::string_view nameOf(KeepReason reason) {
    constexpr std::array<std::string_view, 14> names{
        "last", "hourly", "daily",    "weekly", "monthly", "yearly",  "within",
        "tag",  "locked", "verified", "newest", "undated", "failing", "checkpoint"};
    return names[static_cast<std::size_t>(reason)];
}

std::string RetentionReason::text() const {
    const std::string name(nameOf(kind));
    return detail.empty() ? name : name + " (" + detail + ")";
}

std::vector<RetentionGroup> applyRetention(const RetentionRules& rules,
                                           std::span<const RetentionCandidate> snapshots,
                                           std::span<const SourceRuns> runs, Timestamp now,
                                           const ZoneOffset& zone) {
    if (!rules.any()) {
        throw Error(ErrorCode::invalidArgument, "no rule says which snapshots to keep");
    }
    std::map<SourceKey, Candidates> groups;
    for (const RetentionCandidate& snapshot : snapshots) {
        groups[snapshot.source].push_back(&snapshot);
    }
    std::map<SourceKey, const SourceRuns*> runsOf;
    for (const SourceRuns& each : runs) runsOf[each.source] = &each;

    std::vector<RetentionGroup> result;
    for (auto& [source, all] : groups) {
        std::ranges::reverse(all);
        std::ranges::stable_sort(all, std::ranges::greater{}, &RetentionCandidate::committed);
        Candidates visible = all;
        std::erase_if(visible, [](const RetentionCandidate* it) { return it->hidden; });
        const auto known = runsOf.find(source);
        RetentionGroup group{source, {}};
        if (!visible.empty()) {
            group.verdicts =
                decide(rules, visible, known == runsOf.end() ? nullptr : known->second, now, zone);
        }
        insertHidden(group.verdicts, all);
        result.push_back(std::move(group));
    }
    return result;
}

}  // namespace coffer
