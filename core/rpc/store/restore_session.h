#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/guarded.h"
#include "core/repository/read_session.h"
#include "core/rpc/store/reachable_ids.h"
#include "core/rpc/store/session_gate.h"
#include "core/rpc/store/store_servant.h"
#include "core/snapshot/tree_node.h"
#include "idl/blocks.hh"

namespace coffer::rpc {

/// Servant of one restore: what repository.idl and blocks.idl say, on top of a ReadSession. What
/// may be asked for is learned on the way down: what the entries refer to, and what trees and lists
/// refer to that have been planned. Safe to share.
class RestoreSession : public POA_Coffer::BlockSession {
  public:
    /// Throws Error(notFound) when the snapshot of the grant or one of its paths is not there, and
    /// what opening the repository and reading trees throws.
    RestoreSession(const StoreParts& parts, const RunGrant& grant, const Lease& lease);

    /// Throws Error(limitExceeded) when the entries do not fit into a message.
    void fillTerms(Coffer::RestoreTerms& terms) const;

    Coffer::PlannedBlocks* plan(const Coffer::Octets& ids) override;
    Coffer::Octets* fetch(const Coffer::Octets& pack, CORBA::ULong number) override;
    Coffer::Octets* fetchSome(const Coffer::BlockNames& blocks) override;
    void keepAlive() override;
    void close() override;

  private:
    struct Entry {
        std::string path;
        TreeNode node;
    };
    void find(const RunGrant& grant);
    void checkReachable(std::span<const ChunkId> ids) const;
    void checkReachable(const OpenPack& pack, const PackId& id, std::uint32_t number) const;
    struct Sealed {
        PackId pack;
        std::uint32_t number;
        std::uint64_t offset;
        std::uint32_t length;
    };
    Sealed locate(const Coffer::Octets& pack, std::uint32_t number) const;
    Coffer::Octets* read(const std::vector<Sealed>& blocks);

    const SessionGate gate_;
    const std::shared_ptr<Repository> repository_;
    ReadSession reads_;
    DomainId domain_;
    std::vector<Entry> entries_;
    Guarded<ReachableIds> reachable_;
};

}  // namespace coffer::rpc
