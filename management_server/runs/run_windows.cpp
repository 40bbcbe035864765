#include "management_server/runs/run_windows.h"

#include "core/base/error.h"
#include "core/service/log.h"

namespace coffer {

namespace {

constexpr std::int64_t hour = 3'600;
constexpr std::size_t mostKnown = 10'000;

}  // namespace

RunWindows::Known& RunWindows::known(const std::string& window, const std::string& zone,
                                     Timestamp now) {
    if (known_.size() >= mostKnown) known_.clear();
    const auto [place, isNew] = known_.try_emplace({window, zone});
    Known& its = place->second;
    const std::int64_t age = now.seconds - its.read.seconds;
    if (!isNew && age >= 0 && age < hour) return its;
    its = {.hours = std::nullopt, .read = now, .asked = {}, .opens = {}};
    try {
        its.hours.emplace(Hours{Window::parse(window),
                                zone.empty() ? TimeZone::ofThisComputer() : TimeZone::load(zone)});
    } catch (const Error& error) {
        log(LogLevel::warning, "run.window-unknown",
            {{"window", window}, {"zone", zone}, {"message", error.what()}});
    }
    return its;
}

bool RunWindows::isOpen(const std::string& window, const std::string& zone, Timestamp now) {
    if (window.empty()) return true;
    const Known& its = known(window, zone, now);
    return !its.hours || its.hours->window.isOpen(now, its.hours->zone);
}

std::optional<Timestamp> RunWindows::opensAt(const std::string& window, const std::string& zone,
                                             Timestamp now) {
    Known& its = known(window, zone, now);
    if (!its.hours) return now;
    if (!its.opens || now < its.asked || *its.opens <= now) {
        its.opens = its.hours->window.nextOpening(now, its.hours->zone);
        its.asked = now;
    }
    return its.opens;
}

}  // namespace coffer
