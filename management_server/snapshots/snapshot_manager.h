#pragma once

#include <functional>
#include <string>
#include <unordered_map>

#include "core/rpc/leases.h"
#include "core/rpc/store/repository_provider.h"
#include "idl/management.hh"
#include "management_server/access/session_table.h"
#include "management_server/events/event_sink.h"
#include "management_server/rehearsals/source_proofs.h"
#include "management_server/snapshots/node_shelf.h"
#include "management_server/snapshots/snapshot_chunks.h"
#include "management_server/snapshots/snapshot_forgetting.h"
#include "management_server/snapshots/snapshot_retention.h"
#include "management_server/snapshots/snapshot_shelf.h"

namespace coffer {

/// Names of agents by the id they sign with.
using AgentNames = std::unordered_map<AgentId, std::string, IdHash>;

/// The name, or the id in hexadecimal of one that has none.
inline std::string nameOf(const AgentNames& agents, const AgentId& id) {
    const auto found = agents.find(id);
    return found == agents.end() ? id.hex() : found->second;
}

/// What the rules of a task would do to its sources, all in one repository.
struct TaskRetentionPreview {
    std::string repository;
    std::vector<RetentionGroup> groups;
};

/// What the SnapshotManager needs; all of it outlives the servant and the iterators.
struct SnapshotParts {
    SessionTable& sessions;
    rpc::RepositoryProvider& repositories;
    rpc::LeaseKeeper& iterators;
    ReaderPool& readers;
    SnapshotShelf& shelf;
    EventSink& events;
    const SnapshotRetention& retention;
    std::function<AgentNames()> agents;
    std::function<std::vector<SourceProof>(const std::string& repository)> proofs;
    Confirmations* confirmations = nullptr;  // none: nobody is asked
    std::function<TaskRetentionPreview(const std::string& task)> taskRetention =
        {};                                             // none: no tasks
    std::size_t longestAnswer = std::size_t{12} << 20;  // octets, about; a message has 16 MiB
};

/// Servant of all SnapshotManager objects: the default servant of the POA "snapshots". Safe to
/// share.
class SnapshotManager : public POA_Coffer::SnapshotManager {
  public:
    explicit SnapshotManager(SnapshotParts parts);

    Coffer::SnapshotInfos* list(const char* repository) override;
    Coffer::SnapshotInfo* get(const char* repository, const char* snapshot) override;
    Coffer::Entry* stat(const char* repository, const char* snapshot,
                        const Coffer::PathOctets& where) override;
    Coffer::Entries* content(const char* repository, const char* snapshot,
                             const Coffer::PathOctets& where, CORBA::ULong atMost,
                             Coffer::EntryIterator_out rest) override;
    Coffer::FindingIterator_ptr walk(const char* repository, const char* snapshot,
                                     const Coffer::PathOctets& where) override;
    Coffer::Octets* read(const char* repository, const char* snapshot,
                         const Coffer::PathOctets& where, CORBA::ULongLong offset,
                         CORBA::ULong length) override;
    Coffer::FindingIterator_ptr search(const char* repository, const Coffer::Strings& snapshots,
                                       const char* pattern) override;
    Coffer::DifferenceIterator_ptr compare(const char* repository, const char* before,
                                           const Coffer::PathOctets& beforeWhere, const char* after,
                                           const Coffer::PathOctets& afterWhere) override;
    void forget(const char* repository, const char* snapshot) override;
    void forgetForGood(const char* repository, const char* snapshot) override;
    void unforget(const char* repository, const char* snapshot) override;
    Coffer::SnapshotMarks* marks(const char* repository) override;
    void tag(const char* repository, const char* snapshot,
             const Coffer::Settings& changes) override;
    void lock(const char* repository, const char* snapshot, const Coffer::Moment& until) override;
    Coffer::RetentionVerdicts* previewRetention(const char* repository,
                                                const Coffer::Settings& rules) override;
    Coffer::RetentionVerdicts* previewTaskRetention(const char* task) override;
    Coffer::RetentionVerdicts* applyRetention(const char* repository,
                                              const Coffer::Settings& rules) override;

  private:
    struct Place;
    class Proofs;
    struct Chosen;
    Chosen choose(Right right, const char* repository, const char* snapshot,
                  SnapshotInfo (*find)(Repository&, const std::string&));
    Place placeAt(Right right, const char* repository, const char* snapshot,
                  const Coffer::PathOctets& where);

    /// Takes those out that the session may not look at.
    void keepShown(const UserSession& session, std::vector<SnapshotInfo>& snapshots) const;
    void check(const UserSession& session, Right right, const AgentId& agent) const;
    std::unique_ptr<ChunkSource> chunksOf(const std::shared_ptr<Repository>& repository,
                                          const DomainId& domain);

    template <class Interface, class Servant>
    typename Interface::_ptr_type keep(const UserSession& session, typename Servant::Fill fill);

    const SnapshotParts parts_;
    NodeShelf nodes_;
    SnapshotForgetting forgetting_;
};

}  // namespace coffer
