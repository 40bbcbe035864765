#include "core/agent/paged_entries.h"

#include <string>
#include <utility>

#include "core/base/error.h"

namespace coffer {

namespace {

std::size_t weightOf(const ObjectEntry& entry) {
    std::size_t octets = 64 + entry.name.size() + entry.kind.size();
    for (const auto& [name, value] : entry.more) octets += 16 + name.size() + value.size();
    return octets;
}

}  // namespace

PagedEntries::Page PagedEntries::next(std::size_t atMost) {
    if (atMost < 1 || atMost > longestPage) {
        throw Error(ErrorCode::invalidArgument, "a page has 1 to " + std::to_string(longestPage) +
                                                    " entries, not " + std::to_string(atMost));
    }
    Page page;
    std::size_t octets = 0;
    if (!ahead_) ahead_ = cursor_->next();
    while (ahead_ && page.entries.size() < atMost && octets < largestPage) {
        octets += weightOf(*ahead_);
        page.entries.push_back(std::move(*ahead_));
        ahead_ = cursor_->next();
    }
    page.more = ahead_.has_value();
    return page;
}

}  // namespace coffer
