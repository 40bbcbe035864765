#include "management_server/runs/live_runs.h"

#include <algorithm>
#include <utility>

namespace coffer {

namespace {

constexpr std::size_t mostCounts = 64;
constexpr std::size_t longestCountName = 40;
constexpr std::size_t longestCount = 20;  // digits of a number of 64 bits

constexpr const char* waitingPhase = "waiting";

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

bool isCountName(const std::string& name) {
    return !name.empty() && name.size() <= longestCountName &&
           std::ranges::all_of(
               name, [](char c) { return (c >= 'a' && c <= 'z') || isDigit(c) || c == '-'; });
}

bool isCount(const std::string& value) {
    return !value.empty() && value.size() <= longestCount && std::ranges::all_of(value, isDigit);
}

}  // namespace

void LiveRuns::begin(std::int64_t run, LiveRun live) {
    runs_.with([&](auto& runs) { runs.insert_or_assign(run, Entry{std::move(live), false}); });
}

void LiveRuns::end(std::int64_t run) {
    runs_.with([&](auto& runs) { runs.erase(run); });
}

bool LiveRuns::take(const std::string& agent, std::int64_t run, std::uint32_t attempt,
                    std::string phase, RunTexts counts, Timestamp now) {
    return runs_.with([&](auto& runs) {
        const auto found = runs.find(run);
        if (found == runs.end()) return false;
        auto& [live, changed] = found->second;
        if (live.agent != agent || live.attempt != attempt) return false;
        if (live.phase == waitingPhase && phase != waitingPhase && !live.began) live.began = now;
        live.phase = std::move(phase);
        live.counts = std::move(counts);
        live.announced = false;
        changed = true;
        return true;
    });
}

void LiveRuns::cancelTold(std::int64_t run, Timestamp now) {
    runs_.with([&](auto& runs) {
        const auto found = runs.find(run);
        if (found != runs.end() && !found->second.live.cancelTold) {
            found->second.live.cancelTold = now;
        }
    });
}

std::optional<LiveRun> LiveRuns::of(std::int64_t run) const {
    return runs_.with([&](const auto& runs) -> std::optional<LiveRun> {
        const auto found = runs.find(run);
        if (found == runs.end()) return {};
        return found->second.live;
    });
}

std::map<std::int64_t, LiveRun> LiveRuns::takeChanged() {
    return runs_.with([](auto& runs) {
        std::map<std::int64_t, LiveRun> taken;
        for (auto& [run, entry] : runs) {
            if (std::exchange(entry.changed, false)) taken.emplace(run, entry.live);
        }
        return taken;
    });
}

std::vector<std::int64_t> LiveRuns::cancelledBefore(Timestamp time) const {
    return runs_.with([&](const auto& runs) {
        std::vector<std::int64_t> found;
        for (const auto& [run, entry] : runs) {
            if (entry.live.cancelTold && *entry.live.cancelTold < time) found.push_back(run);
        }
        return found;
    });
}

RunTexts boundedCounts(const RunTexts& counts) {
    RunTexts bounded;
    for (const auto& [name, value] : counts) {
        if (bounded.size() == mostCounts) break;
        if (isCountName(name) && isCount(value)) bounded.emplace(name, value);
    }
    return bounded;
}

std::string boundedText(const std::string& text, std::size_t longest) {
    if (text.size() <= longest) return text;
    std::size_t end = longest;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    return text.substr(0, end);
}

}  // namespace coffer
