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

/// The snapshots that answers may speak of, as one file of a catalogue numbers them.
struct KnownSnapshots {
    CatalogView view;
    std::int64_t incarnation = 0;  // of the file
};

/// What a question to a catalogue finds, in the form of pages. The file is not opened when nothing
/// can be found in it. Used by one thread at a time.
class CatalogPages {
  public:
    /// Opens the catalogue for a page; throws what opening throws.
    using Open = std::function<std::shared_ptr<CatalogFile>()>;

    /// `list`: each answer names all its snapshots.
    CatalogPages(KnownSnapshots known, CatalogQuery query, AgentNames agents, bool list, Open open)
        : more_(!known.view.empty()),
          incarnation_(known.incarnation),
          search_(std::move(query), std::move(known.view)),
          agents_(std::move(agents)),
          list_(list),
          open_(std::move(open)) {}

    /// As PagingIterator::Fill. Throws Error(busy) when the catalogue was made anew meanwhile.
    bool fill(unsigned atMost, Coffer::CatalogVersions& page);

  private:
    void find();
    std::size_t put(const CatalogHit& hit, Coffer::CatalogVersion& to);

    bool more_;  // in the catalogue
    const std::int64_t incarnation_;
    CatalogSearch search_;
    const AgentNames agents_;
    const bool list_;
    const Open open_;
    std::deque<CatalogHit> waiting_;
    std::unordered_map<std::int64_t, std::string> agentOfSource_;
};

}  // namespace coffer
