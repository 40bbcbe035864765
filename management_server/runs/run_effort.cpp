#include "management_server/runs/run_effort.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace coffer {

namespace {

// What grows while a run gets on, counted from its beginning also when it goes on from somewhere.
constexpr std::array<const char*, 5> measures = {"files", "folders", "others", "bytes",
                                                 "read-bytes"};

std::uint64_t numberOf(const RunTexts& counts, const std::string& name) {
    const auto found = counts.find(name);
    if (found == counts.end()) return 0;
    const std::string& text = found->second;
    std::uint64_t number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    return failure == std::errc() && end == text.data() + text.size() ? number : 0;
}

}  // namespace

void RunEffort::lost(const RunTexts& counts) {
    bool further = false;
    for (const char* measure : measures) {
        std::uint64_t& best = best_[measure];
        const std::uint64_t now = numberOf(counts, measure);
        further = further || now > best;
        best = std::max(best, now);
    }
    fruitless_ = further ? 0 : fruitless_ + 1;
}

std::chrono::seconds RunEffort::pause() const {
    constexpr unsigned enough = 10;  // 2^10 s are longer than the longest pause
    return std::min(longestPause, std::chrono::seconds(1U << std::min(fruitless_, enough)));
}

}  // namespace coffer
