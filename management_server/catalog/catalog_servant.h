#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/catalog/catalog_query.h"
#include "core/rpc/convert.h"
#include "core/rpc/leases.h"
#include "idl/catalog.hh"
#include "management_server/access/session_table.h"
#include "management_server/catalog/catalog_pages.h"
#include "management_server/catalog/catalogs.h"
#include "management_server/snapshots/snapshot_manager.h"

namespace coffer {

/// Servant of all FileCatalog objects; the default servant of the POA "catalog". Nobody learns from
/// it of a snapshot of an agent that he may not look at. Safe to share between threads.
class CatalogServant : public POA_Coffer::FileCatalog {
  public:
    /// All outlive it and its iterators.
    struct Parts {
        SessionTable& sessions;
        rpc::RepositoryProvider& repositories;
        rpc::LeaseKeeper& iterators;
        Catalogs& catalogs;
        std::function<AgentNames()> agents;
    };
    explicit CatalogServant(Parts parts) : parts_(std::move(parts)) {}

    Coffer::CatalogIterator_ptr find(const char* repository, const Coffer::PathOctets& pattern,
                                     const Coffer::PathOctets& below,
                                     const Coffer::Settings& options,
                                     Coffer::CatalogState_out state) override;
    Coffer::CatalogState* state(const char* repository) override;
    void rebuild(const char* repository) override;

  private:
    std::vector<SnapshotInfo> chosen(const UserSession& session, Repository& repository,
                                     const AgentNames& agents,
                                     const rpc::SettingMap& options) const;
    KnownSnapshots viewOf(const std::vector<SnapshotInfo>& chosen, const std::string& name,
                          Repository& repository, Coffer::CatalogState& state) const;
    std::vector<CatalogSnapshot> knownIn(const std::string& name, Repository& repository,
                                         std::int64_t& incarnation) const;

    const Parts parts_;
};

}  // namespace coffer
