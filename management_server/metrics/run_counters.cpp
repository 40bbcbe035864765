#include "management_server/metrics/run_counters.h"

#include <array>
#include <charconv>
#include <optional>

namespace coffer {

namespace {

constexpr std::array names = {"bytes", "read-bytes", "new-bytes", "stored-bytes"};
constexpr std::uint64_t most = 1'000'000'000'000'000'000;

std::optional<std::uint64_t> numberIn(const RunTexts& counts, const char* name) {
    const auto found = counts.find(name);
    if (found == counts.end()) return {};
    const std::string& text = found->second;
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number > most) return {};
    return number;
}

}  // namespace

void RunCounters::add(const RunRecord& run) {
    if (!hasEnded(run.stand.state)) return;
    OfKind& kind = kinds_[run.kind];
    ++kind.ended[std::string(nameOf(run.stand.state))];
    for (const char* name : names) {
        if (const auto number = numberIn(run.counts, name)) {
            kind.octets[name] += static_cast<double>(*number);
        }
    }
    // A clock that was set back in between tells nothing.
    const std::optional<Timestamp> end = run.committed ? run.committed : run.ended;
    if (!run.started || !end || *end < *run.started) return;
    ++kind.timed;
    kind.seconds +=
        static_cast<double>(end->seconds - run.started->seconds) +
        (static_cast<double>(end->nanoseconds) - static_cast<double>(run.started->nanoseconds)) /
            1e9;
}

}  // namespace coffer
