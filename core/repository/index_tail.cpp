#include "core/repository/index_tail.h"

#include <algorithm>
#include <iterator>

namespace coffer {

namespace {

std::vector<IndexEntry> merged(const std::vector<IndexEntry>& a, const std::vector<IndexEntry>& b) {
    std::vector<IndexEntry> both;
    both.reserve(a.size() + b.size());
    std::ranges::merge(a, b, std::back_inserter(both));
    return both;
}

}  // namespace

void IndexTail::add(std::vector<IndexEntry> run) {
    size_ += run.size();
    while (!runs_.empty() && runs_.back().size() < 2 * run.size()) {
        run = merged(runs_.back(), run);
        runs_.pop_back();
    }
    if (!run.empty()) runs_.push_back(std::move(run));
}

void IndexTail::find(const IndexKey& key, std::vector<IndexEntry>& found) const {
    for (const auto& run : runs_) {
        auto entry = std::ranges::lower_bound(run, key, {}, &IndexEntry::key);
        while (entry != run.end() && entry->key == key) found.push_back(*entry++);
    }
}

std::vector<IndexEntry> IndexTail::sorted() const {
    std::vector<IndexEntry> all;
    for (auto run = runs_.rbegin(); run != runs_.rend(); ++run) all = merged(all, *run);
    return all;
}

}  // namespace coffer
