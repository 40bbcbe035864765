#include "management_server/status/source_state.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/base/wire.h"

namespace coffer {

namespace {

constexpr std::array states = {SourceState::safe, SourceState::unproven, SourceState::late,
                               SourceState::failing, SourceState::unprotected};
constexpr std::int64_t minute = 60;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t day = 24 * hour;
constexpr std::int64_t clockSlack = hour;
constexpr std::size_t shownOctets = 200;
constexpr std::size_t idDigits = 16;

std::string counted(std::int64_t count, const char* one) {
    return std::to_string(count) + " " + one + (count == 1 ? "" : "s");
}

std::string agoText(Timestamp time, Timestamp now) {
    return spanText(now.seconds - time.seconds) + " ago";
}

std::string because(const std::string& message) {
    return message.empty() ? "" : ": " + message;
}

std::string lookAt(std::int64_t run) {
    return "see 'coffer run show " + std::to_string(run) + "'";
}

std::string backUp(const SourceFacts& facts) {
    return facts.agentAway ? "start " + facts.name.agent + ", which is away"
                           : "start a backup of " + facts.name.shown();
}

std::string lookForDamage(const SourceFacts& facts) {
    return "'coffer verify --repo " + facts.name.repository + "' tells what is lost";
}

bool hasFailedSince(const SourceFacts& facts) {
    return facts.lastFailure && facts.failureRun > facts.successRun;
}

SourceVerdict withoutBackup(const SourceFacts& facts) {
    if (facts.name.paths.empty()) {
        return {SourceState::unprotected, "nothing of it is backed up",
                "back up what matters on " + facts.name.agent};
    }
    if (facts.lastFailure) {
        return {SourceState::unprotected, "never backed up" + because(facts.failure),
                lookAt(facts.failureRun)};
    }
    return {SourceState::unprotected, "never backed up", backUp(facts)};
}

SourceVerdict withoutRepository(const SourceFacts& facts) {
    const std::string& repository = facts.name.repository;
    return {SourceState::unprotected,
            "its repository " + repository + " is removed until " + toIso8601(*facts.goesAt),
            "'coffer repo keep " + repository + "' takes that back"};
}

std::string proofText(const SourceFacts& facts, Timestamp now) {
    if (!facts.lastProven) return "never rehearsed";
    if (facts.lastProven->seconds - now.seconds > clockSlack) {
        return "the last rehearsal is dated ahead, " + toIso8601(*facts.lastProven);
    }
    return "last rehearsed " + agoText(*facts.lastProven, now);
}

// What is dated ahead is of a clock that was wrong, and says nothing.
bool isUnproven(const SourceFacts& facts, const StatusRules& rules, Timestamp now) {
    if (rules.proveWithinSeconds == 0) return false;
    const auto& since = facts.lastProven ? facts.lastProven : facts.firstSuccess;
    if (!since) return false;
    const std::int64_t age = now.seconds - since->seconds;
    return age < -clockSlack || age > rules.proveWithinSeconds;
}

}  // namespace

std::string_view nameOf(SourceState state) {
    switch (state) {
        case SourceState::safe:
            return "protected";
        case SourceState::unproven:
            return "unproven";
        case SourceState::late:
            return "late";
        case SourceState::failing:
            return "failing";
        case SourceState::unprotected:
            return "unprotected";
    }
    return "unprotected";
}

SourceState sourceStateOf(std::string_view name) {
    for (const SourceState state : states) {
        if (nameOf(state) == name) return state;
    }
    throw Error(ErrorCode::corrupt, "server.db: a state of a source that is none");
}

SourceName SourceName::of(std::string agent, std::string repository,
                          std::vector<std::string> paths) {
    std::ranges::sort(paths);
    paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
    return {std::move(agent), std::move(repository), std::move(paths)};
}

std::string SourceName::id() const {
    WireWriter writer;
    writer.sized(agent);
    writer.sized(repository);
    writer.varint(paths.size());
    for (const std::string& path : paths) writer.sized(path);
    return sha256(writer.take()).hex().substr(0, idDigits);
}

std::string SourceName::shown() const {
    if (paths.empty()) return agent;
    std::string text = agent + ":";
    std::size_t count = 0;
    for (const std::string& path : paths) {
        if (text.size() > shownOctets) break;
        text +=
            (count++ > 0 ? ", " : "") + printable(std::string_view(path).substr(0, shownOctets));
    }
    if (count < paths.size()) text += " and " + std::to_string(paths.size() - count) + " more";
    return text;
}

SourceVerdict judge(const SourceFacts& facts, const StatusRules& rules, Timestamp now) {
    if (facts.goesAt) return withoutRepository(facts);
    if (!facts.lastSuccess) return withoutBackup(facts);
    const std::string last = "the last good backup was " + agoText(*facts.lastSuccess, now);
    if (hasFailedSince(facts)) {
        return {SourceState::failing,
                "failed " + agoText(*facts.lastFailure, now) + because(facts.failure) + "; " + last,
                lookAt(facts.failureRun)};
    }
    if (!facts.repositoryProblem.empty()) {
        return {SourceState::failing,
                "its repository cannot be opened: " + facts.repositoryProblem + "; " + last,
                "'coffer-server check' tells more"};
    }
    if (facts.damage == SnapshotDamage::known) {
        return {SourceState::failing, last + ", but parts of it turned out missing or damaged",
                backUp(facts) + ", which stores again what is there; " + lookForDamage(facts)};
    }
    const std::int64_t age = now.seconds - facts.lastSuccess->seconds;
    if (age < -clockSlack) {
        return {SourceState::late,
                "the last good backup is dated ahead, " + toIso8601(*facts.lastSuccess),
                "check the server's clock, then start a backup"};
    }
    const std::int64_t warnAfter = facts.warnAfterSeconds.value_or(rules.warnAfterSeconds);
    if (age > warnAfter) {
        return {SourceState::late, last + (facts.agentAway ? ", and its agent is away" : ""),
                backUp(facts)};
    }
    if (facts.damage) {
        return {SourceState::unproven, "damage was found in what the last good backup may need",
                lookForDamage(facts)};
    }
    if (isUnproven(facts, rules, now)) {
        return {SourceState::unproven, proofText(facts, now),
                "'coffer rehearse' of its latest snapshot in " + facts.name.repository};
    }
    return {SourceState::safe, last, ""};
}

std::string spanText(std::int64_t seconds) {
    if (seconds < minute) return "a moment";
    if (seconds < 2 * hour) return std::to_string(seconds / minute) + " min";
    if (seconds < 2 * day) return std::to_string(seconds / hour) + " h";
    return counted(seconds / day, "day");
}

}  // namespace coffer
