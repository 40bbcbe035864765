#pragma once

#include <functional>

#include "core/agent/object_tree.h"
#include "core/agent/paged_entries.h"
#include "core/agent/run_order.h"
#include "core/base/guarded.h"
#include "core/rpc/convert.h"
#include "core/rpc/leases.h"
#include "idl/placing.hh"

namespace coffer {

/// Octets of a read() or write().
constexpr CORBA::ULong longestStretch = 4U << 20;

/// Servant of Coffer::PlacingControl: what the server asks of this agent. Nothing happens before
/// the caller is known to be the server and the allow list has been asked. Safe to share.
class AgentControlServant : public POA_Coffer::PlacingControl {
  public:
    /// All references outlive the servant and its iterators.
    struct Parts {
        ObjectTree& tree;             // asks the allow list itself (AllowedTree)
        rpc::LeaseKeeper& iterators;  // of lists
        std::function<rpc::SettingMap()> facts;
        std::function<void(RunOrder)> start;  // checks the order (checkedOrder)
        std::function<void(std::int64_t)> cancel;
        std::function<void()> checkCaller = requireServer;
        std::function<void(ByteView)> offer = refuseUpdates;
    };

    explicit AgentControlServant(Parts parts) : parts_(std::move(parts)) {}

    /// From now on every call is refused; waits for those under way. To be called before what the
    /// parts refer to goes, since the ORB may keep a servant for longer.
    void close();

    /// Throws Error(permissionDenied) unless the server of this agent, or this process, calls.
    static void requireServer();

    /// Throws Error(unsupported).
    static void refuseUpdates(ByteView head);

    void ping() override {}
    Coffer::Settings* describe() override;
    void startRun(const Coffer::RunOrder& order) override;
    void cancelRun(CORBA::LongLong run) override;

    Coffer::Entry* stat(const Coffer::PathOctets& where) override;
    Coffer::Entries* list(const Coffer::PathOctets& where, CORBA::ULong atMost,
                          Coffer::EntryIterator_out rest) override;
    Coffer::Octets* read(const Coffer::PathOctets& where, CORBA::ULongLong offset,
                         CORBA::ULong length) override;
    void write(const Coffer::PathOctets& where, CORBA::ULongLong offset,
               const Coffer::Octets& data) override;
    void resize(const Coffer::PathOctets& where, CORBA::ULongLong size) override;
    void createFile(const Coffer::PathOctets& where) override;
    void createFolder(const Coffer::PathOctets& where) override;
    void erase(const Coffer::PathOctets& where, CORBA::Boolean recursive) override;
    void move(const Coffer::PathOctets& where, const Coffer::PathOctets& target) override;
    void copy(const Coffer::PathOctets& where, const Coffer::PathOctets& target) override;
    void offerUpdate(const Coffer::Octets& head) override;

    void createLink(const Coffer::PathOctets& where, const Coffer::PathOctets& target) override;
    Coffer::Entry* settle(const Coffer::PathOctets& where, const Coffer::PathOctets& target,
                          const Coffer::Entry& wanted, const Coffer::Entry& replaced) override;
    void eraseAs(const Coffer::PathOctets& where, const Coffer::Entry& seen) override;
    void flush(const Coffer::PathOctets& where) override;

  private:
    struct Calls {
        std::size_t underWay = 0;
        bool closed = false;
    };
    class Call;

    template <class Work>
    decltype(auto) serve(const char* operation, Work&& work);
    Coffer::EntryIterator_ptr iteratorOver(std::shared_ptr<PagedEntries> pages);

    const Parts parts_;
    Guarded<Calls> calls_;
};

}  // namespace coffer
