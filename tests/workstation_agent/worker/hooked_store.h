#pragma once

#include <functional>
#include <string>

#include "core/rpc/leases.h"
#include "idl/blocks.hh"

namespace coffer {

/// Called before each operation of a store or a session, by its name; what it throws is the answer.
using StoreHook = std::function<void(const std::string& operation)>;

class HookedBackup : public POA_Coffer::BackupSession {
  public:
    HookedBackup(Coffer::BackupSession_ptr session, const StoreHook& hook)
        : session_(session), hook_(hook) {}

    Coffer::Octets* suspects() override { return hook_("suspects"), session_->suspects(); }
    Coffer::Flags* missing(const Coffer::Octets& ids) override {
        return hook_("missing"), session_->missing(ids);
    }
    Coffer::Octets* openPack() override { return hook_("openPack"), session_->openPack(); }
    CORBA::ULong append(const Coffer::Octets& pack, CORBA::ULongLong offset,
                        const Coffer::Octets& slice) override {
        return hook_("append"), session_->append(pack, offset, slice);
    }
    void finishPack(const Coffer::PackEntry& entry) override {
        return hook_("finishPack"), session_->finishPack(entry);
    }
    Coffer::Moment commit(const Coffer::SnapshotEntry& entry,
                          const Coffer::Octets& object) override {
        return hook_("commit"), session_->commit(entry, object);
    }
    void keepAlive() override { session_->keepAlive(); }
    void close() override { session_->close(); }

  private:
    const Coffer::BackupSession_var session_;
    const StoreHook& hook_;
};

class HookedRestore : public POA_Coffer::BlockSession {
  public:
    HookedRestore(Coffer::RestoreSession_ptr session, const StoreHook& hook)
        : session_(
              Coffer::BlockSession::_unchecked_narrow(Coffer::RestoreSession_var(session).in())),
          hook_(hook) {}

    Coffer::PlannedBlocks* plan(const Coffer::Octets& ids) override {
        return hook_("plan"), session_->plan(ids);
    }
    Coffer::Octets* fetch(const Coffer::Octets& pack, CORBA::ULong number) override {
        return hook_("fetch"), session_->fetch(pack, number);
    }
    Coffer::Octets* fetchSome(const Coffer::BlockNames& blocks) override {
        return hook_("fetchSome"), session_->fetchSome(blocks);
    }
    void keepAlive() override { session_->keepAlive(); }
    void close() override { session_->close(); }

  private:
    const Coffer::BlockSession_var session_;
    const StoreHook& hook_;
};

/// Stands in front of a store. Its sessions live in `sessions`.
class HookedStore : public POA_Coffer::Store {
  public:
    HookedStore(Coffer::Store_ptr store, rpc::LeaseKeeper& sessions, const StoreHook& hook)
        : store_(Coffer::Store::_duplicate(store)), sessions_(sessions), hook_(hook) {}

    Coffer::BackupSession_ptr beginBackup(const Coffer::Octets& token, const Coffer::Octets& base,
                                          Coffer::BackupTerms_out terms,
                                          CORBA::Boolean& basePinned) override {
        hook_("beginBackup");
        Coffer::BackupSession_var session = store_->beginBackup(token, base, terms, basePinned);
        const CORBA::Object_var front = sessions_.keep(
            "front", [&](const rpc::Lease&) { return new HookedBackup(session._retn(), hook_); });
        return Coffer::BackupSession::_narrow(front);
    }
    Coffer::RestoreSession_ptr beginRestore(const Coffer::Octets& token,
                                            Coffer::RestoreTerms_out terms) override {
        hook_("beginRestore");
        Coffer::RestoreSession_var session = store_->beginRestore(token, terms);
        const CORBA::Object_var front = sessions_.keep(
            "front", [&](const rpc::Lease&) { return new HookedRestore(session._retn(), hook_); });
        return Coffer::RestoreSession::_narrow(front);
    }

  private:
    const Coffer::Store_var store_;
    rpc::LeaseKeeper& sessions_;
    const StoreHook& hook_;
};

}  // namespace coffer
