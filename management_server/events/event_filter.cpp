#include "management_server/events/event_filter.h"

#include <algorithm>

#include "core/base/error.h"
#include "management_server/access/policy.h"

namespace coffer {

namespace {

constexpr std::size_t mostWords = 100;
constexpr std::size_t longestWord = 1'000;

void checkWords(const std::vector<std::string>& words) {
    if (words.size() > mostWords) {
        throw Error(ErrorCode::limitExceeded, "a filter has 100 words in a list at most");
    }
    const auto isLong = [](const std::string& word) { return word.size() > longestWord; };
    if (std::ranges::any_of(words, isLong)) {
        throw Error(ErrorCode::invalidArgument, "a word of a filter has 1,000 octets at most");
    }
}

bool isKind(const std::string& wanted, const std::string& kind) {
    if (!wanted.ends_with('*')) return wanted == kind;
    return kind.starts_with(std::string_view(wanted).substr(0, wanted.size() - 1));
}

// Nothing asked for is everything.
template <class Test>
bool any(const std::vector<std::string>& wanted, Test&& test) {
    return wanted.empty() || std::ranges::any_of(wanted, test);
}

}  // namespace

void EventFilter::check() const {
    checkWords(kinds);
    checkWords(subjects);
    checkWords(components);
}

bool EventFilter::matches(const RecordedEvent& event) const {
    if (!any(kinds, [&](const auto& kind) { return isKind(kind, event.kind); })) return false;
    if (!any(subjects, [&](const auto& subject) { return subject == event.subject; })) return false;
    if (components.empty()) return true;
    const std::string component = componentOf(event);
    return any(components, [&](const auto& upper) { return isWithinComponent(component, upper); });
}

std::string componentOf(const RecordedEvent& event) {
    for (const char* name : {"component", "agent"}) {
        const auto found = event.more.find(name);
        if (found != event.more.end()) return found->second;
    }
    return event.kind.starts_with("agent-") ? event.subject : std::string();
}

}  // namespace coffer
