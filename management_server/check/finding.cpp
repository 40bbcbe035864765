#include "management_server/check/finding.h"

#include <algorithm>

#include "core/base/printable.h"
#include "core/console/format.h"

namespace coffer {

std::string_view nameOf(FindingLevel level) {
    switch (level) {
        case FindingLevel::ok:
            return "ok";
        case FindingLevel::warning:
            return "warning";
        case FindingLevel::error:
            return "error";
    }
    return "";
}

FindingLevel worstOf(const Findings& findings) {
    FindingLevel worst = FindingLevel::ok;
    for (const Finding& finding : findings) worst = std::max(worst, finding.level);
    return worst;
}

std::string namesOf(const std::vector<std::string>& names) {
    constexpr std::size_t most = 10;
    std::string text;
    for (std::size_t i = 0; i < names.size() && i < most; ++i) {
        text += (i > 0 ? ", " : "") + printable(names[i]);
    }
    return names.size() > most ? text + "…" : text;
}

std::string shownSpan(std::int64_t seconds) {
    const auto count = [&](std::int64_t unit, const char* name) {
        return countText(static_cast<std::uint64_t>(seconds / unit), name);
    };
    if (seconds >= 86'400) return count(86'400, "day");
    if (seconds >= 3'600) return count(3'600, "hour");
    if (seconds >= 60) return count(60, "minute");
    return count(1, "second");
}

}  // namespace coffer
