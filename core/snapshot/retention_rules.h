#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer {

/// Which snapshots of each source stay (docs/retention.md). A count of 0 is no rule.
struct RetentionRules {
    std::uint32_t last = 0;
    std::uint32_t hourly = 0;
    std::uint32_t daily = 0;
    std::uint32_t weekly = 0;
    std::uint32_t monthly = 0;
    std::uint32_t yearly = 0;
    std::int64_t within = 0;             // seconds before the newest; 0 is no rule
    std::vector<std::string> tags = {};  // any of them
    std::uint32_t keepVerified = 1;      // a guard: so many of the newest verified ones always stay

    bool operator==(const RetentionRules&) const = default;

    /// Whether any rule is set. Without one nothing can be forgotten by rules.
    bool any() const;
};

/// A count over this is taken to be a mistake.
constexpr std::uint32_t largestRetentionCount = 1'000'000;

/// Sets one rule by its name: "keep-last", "keep-hourly", "keep-daily", "keep-weekly",
/// "keep-monthly", "keep-yearly", "keep-verified" with a number up to largestRetentionCount,
/// "keep-within" with a duration, "keep-tag" with a tag (each call adds one).
/// Throws Error(invalidArgument) for another name or a value that is none.
void setRetentionRule(RetentionRules& rules, std::string_view name, std::string_view value);

/// The other way: names and values from which setRetentionRule makes the same rules.
std::vector<std::pair<std::string, std::string>> retentionSettings(const RetentionRules& rules);

/// Rules that keep what either of the two keeps, and nothing else: of each the higher. Both set.
RetentionRules combined(const RetentionRules& a, const RetentionRules& b);

/// Whether rules may forget something that others, `before`, would keep: when one of them is lower
/// than it was, whatever the others are. Rules of which none is set keep everything.
bool isLower(const RetentionRules& rules, const RetentionRules& before);

/// Seconds of a duration such as "36h", "30d", "1y6m": numbers with h (hour), d (24 hours), w
/// (7 days), m (31 days), y (366 days), each unit once, the larger first; up to 1,000 years.
/// Throws Error(invalidArgument).
std::int64_t parseDuration(std::string_view text);

/// The shortest text that parseDuration reads as so many seconds; a part of an hour counts as one.
std::string durationName(std::int64_t seconds);

}  // namespace coffer
