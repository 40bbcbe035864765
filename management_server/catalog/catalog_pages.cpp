#include "management_server/catalog/catalog_pages.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/rpc/convert.h"
#include "management_server/snapshots/snapshot_forms.h"

namespace coffer {

namespace {

constexpr std::chrono::seconds patience{2};
constexpr std::size_t foundAtOnce = 1'000;

}  // namespace

bool CatalogPages::fill(unsigned atMost, Coffer::CatalogVersions& page) {
    if (waiting_.empty() && more_) find();
    const auto count = static_cast<CORBA::ULong>(std::min<std::size_t>(atMost, waiting_.size()));
    page.length(count);
    CORBA::ULong done = 0;
    for (std::size_t octets = 0; done < count && octets < largestPage; ++done) {
        octets += put(waiting_.front(), page[done]);
        waiting_.pop_front();
    }
    page.length(done);
    return more_ || !waiting_.empty();
}

void CatalogPages::find() {
    const std::shared_ptr<CatalogFile> file = open_();
    if (file->incarnation() != incarnation_) {
        throw Error(ErrorCode::busy, "the catalogue was made anew: ask again");
    }
    CatalogSearch::Page found =
        search_.next(*file, foundAtOnce, std::chrono::steady_clock::now() + patience);
    more_ = found.more;
    for (CatalogHit& hit : found.hits) {
        if (!agentOfSource_.contains(hit.source)) {
            agentOfSource_[hit.source] = nameOf(agents_, file->agentOf(hit.source));
        }
        waiting_.push_back(std::move(hit));
    }
}

// Gives about how many octets it takes in a message.
std::size_t CatalogPages::put(const CatalogHit& hit, Coffer::CatalogVersion& to) {
    constexpr std::size_t fixed = 160;
    constexpr std::size_t ofId = 40;
    const std::string& agent = agentOfSource_.at(hit.source);
    to.where = rpc::toPath(hit.path);
    to.agent = agent.c_str();
    to.kind = std::string(nameOf(hit.entry.type)).c_str();
    to.size = static_cast<Coffer::ByteCount>(hit.entry.size);
    to.modified = rpc::toMoment(hit.entry.modified);
    // One that was damaged has a number of when it was healed.
    const auto [first, last] =
        std::ranges::minmax_element(hit.holders, {}, &CatalogHolder::committed);
    to.firstSnapshot = first->id.hex().c_str();
    to.firstCommitted = rpc::toMoment(first->committed);
    to.lastSnapshot = last->id.hex().c_str();
    to.lastCommitted = rpc::toMoment(last->committed);
    to.count = static_cast<CORBA::ULong>(hit.holders.size());
    to.snapshots.length(list_ ? to.count : 0);
    if (list_) {
        std::vector<CatalogHolder> holders(hit.holders.begin(), hit.holders.end());
        std::ranges::stable_sort(holders, {}, &CatalogHolder::committed);
        for (CORBA::ULong i = 0; i < to.snapshots.length(); ++i) {
            to.snapshots[i] = holders[i].id.hex().c_str();
        }
    }
    return fixed + hit.path.size() + agent.size() + ofId * to.snapshots.length();
}

}  // namespace coffer
