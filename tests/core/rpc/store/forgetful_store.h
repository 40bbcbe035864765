#pragma once

#include <atomic>

#include "core/rpc/leases.h"
#include "idl/blocks.hh"

namespace coffer::rpc {

/// Does what it is asked, and forgets to answer the first, third, fifth… time.
class Forgetful {
  public:
    template <class Work>
    auto answer(Work&& work) {
        auto result = work();
        if (calls_++ % 2 == 0) throw CORBA::COMM_FAILURE(0, CORBA::COMPLETED_MAYBE);
        return result;
    }
    unsigned calls() const { return calls_; }

  private:
    std::atomic<unsigned> calls_{0};
};

/// Stands in front of a session and loses every other answer.
class ForgetfulBackup : public POA_Coffer::BackupSession {
  public:
    ForgetfulBackup(Coffer::BackupSession_ptr session, Forgetful& forgetful)
        : session_(session), forgetful_(forgetful) {}

    Coffer::Octets* suspects() override {
        return forgetful_.answer([&] { return Coffer::Octets_var(session_->suspects()); })._retn();
    }
    Coffer::Flags* missing(const Coffer::Octets& ids) override {
        return forgetful_.answer([&] { return Coffer::Flags_var(session_->missing(ids)); })._retn();
    }
    Coffer::Octets* openPack() override {
        return forgetful_.answer([&] { return Coffer::Octets_var(session_->openPack()); })._retn();
    }
    CORBA::ULong append(const Coffer::Octets& pack, CORBA::ULongLong offset,
                        const Coffer::Octets& slice) override {
        return forgetful_.answer([&] { return session_->append(pack, offset, slice); });
    }
    void finishPack(const Coffer::PackEntry& entry) override {
        forgetful_.answer([&] { return session_->finishPack(entry), 0; });
    }
    Coffer::Moment commit(const Coffer::SnapshotEntry& entry,
                          const Coffer::Octets& sealedObject) override {
        return forgetful_.answer([&] { return session_->commit(entry, sealedObject); });
    }
    void keepAlive() override { session_->keepAlive(); }
    void close() override { session_->close(); }

  private:
    const Coffer::BackupSession_var session_;
    Forgetful& forgetful_;
};

class ForgetfulRestore : public POA_Coffer::BlockSession {
  public:
    ForgetfulRestore(Coffer::RestoreSession_ptr session, Forgetful& forgetful)
        : session_(
              Coffer::BlockSession::_unchecked_narrow(Coffer::RestoreSession_var(session).in())),
          forgetful_(forgetful) {}

    Coffer::PlannedBlocks* plan(const Coffer::Octets& ids) override {
        return forgetful_.answer([&] { return Coffer::PlannedBlocks_var(session_->plan(ids)); })
            ._retn();
    }
    Coffer::Octets* fetch(const Coffer::Octets& pack, CORBA::ULong number) override {
        return forgetful_.answer([&] { return Coffer::Octets_var(session_->fetch(pack, number)); })
            ._retn();
    }
    Coffer::Octets* fetchSome(const Coffer::BlockNames& blocks) override {
        return forgetful_.answer([&] { return Coffer::Octets_var(session_->fetchSome(blocks)); })
            ._retn();
    }
    void keepAlive() override { session_->keepAlive(); }
    void close() override { session_->close(); }

  private:
    const Coffer::BlockSession_var session_;
    Forgetful& forgetful_;
};

/// Stands in front of a store. Its sessions live in `sessions`.
class ForgetfulStore : public POA_Coffer::Store {
  public:
    ForgetfulStore(Coffer::Store_ptr store, LeaseKeeper& sessions, Forgetful& forgetful)
        : store_(Coffer::Store::_duplicate(store)), sessions_(sessions), forgetful_(forgetful) {}

    Coffer::BackupSession_ptr beginBackup(const Coffer::Octets& token, const Coffer::Octets& base,
                                          Coffer::BackupTerms_out terms,
                                          CORBA::Boolean& basePinned) override {
        Coffer::BackupTerms_var told;
        auto session = forgetful_.answer([&] {
            return Coffer::BackupSession_var(
                store_->beginBackup(token, base, told.out(), basePinned));
        });
        const CORBA::Object_var front = sessions_.keep("front", [&](const Lease&) {
            return new ForgetfulBackup(session._retn(), forgetful_);
        });
        terms = told._retn();
        return Coffer::BackupSession::_narrow(front);
    }
    Coffer::RestoreSession_ptr beginRestore(const Coffer::Octets& token,
                                            Coffer::RestoreTerms_out terms) override {
        Coffer::RestoreTerms_var told;
        auto session = forgetful_.answer(
            [&] { return Coffer::RestoreSession_var(store_->beginRestore(token, told.out())); });
        const CORBA::Object_var front = sessions_.keep("front", [&](const Lease&) {
            return new ForgetfulRestore(session._retn(), forgetful_);
        });
        terms = told._retn();
        return Coffer::RestoreSession::_narrow(front);
    }

  private:
    const Coffer::Store_var store_;
    LeaseKeeper& sessions_;
    Forgetful& forgetful_;
};

}  // namespace coffer::rpc
