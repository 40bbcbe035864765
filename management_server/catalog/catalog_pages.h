#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "core/catalog/catalog_query.h"
#include "core/rpc/paging_iterator.h"
#include "idl/catalog.hh"
#include "management_server/snapshots/snapshot_manager.h"

namespace coffer {

using CatalogPagingIterator =
    rpc::PagingIterator<POA_Coffer::CatalogIterator, Coffer::CatalogVersions,
                        Coffer::CatalogVersions_out>;

/// What a question to a catalogue finds, in the form of pages. Used by one thread at a time.
class CatalogPages {
  public:
    /// Opens the catalogue for a page; throws what opening throws.
    using Open = std::function<std::shared_ptr<CatalogFile>()>;

    /// `list`: each answer names all its snapshots.
    CatalogPages(std::unique_ptr<CatalogSearch> search, AgentNames agents, bool list, Open open)
        : search_(std::move(search)),
          agents_(std::move(agents)),
          list_(list),
          open_(std::move(open)) {}

    /// As PagingIterator::Fill.
    bool fill(unsigned atMost, Coffer::CatalogVersions& page);

  private:
    void find();
    std::size_t put(const CatalogHit& hit, Coffer::CatalogVersion& to);

    const std::unique_ptr<CatalogSearch> search_;
    const AgentNames agents_;
    const bool list_;
    const Open open_;
    std::deque<CatalogHit> waiting_;
    std::unordered_map<std::int64_t, std::string> agentOfSource_;
    bool more_ = true;  // in the catalogue
};

}  // namespace coffer
