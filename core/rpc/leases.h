#pragma once

#include <omniORB4/CORBA.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/base/clock.h"
#include "core/base/digest.h"

namespace coffer::rpc {

struct LeaseTable;  // in leases.cpp
using LeaseId = Id<16, struct LeaseTag>;

/// What a LeaseKeeper grants.
struct LeaseLimits {
    std::int64_t seconds = 300;        // without a use, then the object is gone
    std::size_t objects = 10'000;      // at a time
    std::size_t objectsOfOwner = 100;  // at a time
};

/// What an object is there for: an attempt at some work, of which a later one takes the place of
/// those before. 0: none.
struct LeaseWork {
    std::int64_t work = 0;
    std::uint32_t attempt = 0;
};

/// A servant's own hold on its lease. A value; stays valid when the keeper is gone. Safe to share.
class Lease {
  public:
    /// For tests of servants: a lease of nothing, which never ends.
    Lease() = default;

    /// Keeps the lease from ending while it lives, then counts as its last use.
    class Use {
      public:
        ~Use();
        Use(Use&&) noexcept = default;
        Use& operator=(Use&&) = delete;

      private:
        friend class Lease;
        explicit Use(std::shared_ptr<LeaseTable> table, const LeaseId& id);

        std::shared_ptr<LeaseTable> table_;
        LeaseId id_;
    };

    /// Once a call has begun. Throws Error(gone) when the lease has ended before.
    [[nodiscard]] Use use() const;
    void touch() const;

    /// Ends it; calls under way go on to their end. Nothing happens when it has ended.
    void drop() const;

  private:
    friend class LeaseKeeper;
    Lease(std::shared_ptr<LeaseTable> table, const LeaseId& id);

    std::shared_ptr<LeaseTable> table_;
    LeaseId id_;
};

/// Objects that live as long as somebody uses them: iterators, sessions. Each gets a random id of
/// 128 bits in one POA; whose lease has ended is deactivated, and callers see OBJECT_NOT_EXIST
/// (Error(gone)). The POA drops its reference to the servant then, so what has to be tidied up
/// belongs into the servant's destructor. Safe to share. No lock is held while a servant is made,
/// activated or dropped.
class LeaseKeeper {
  public:
    /// The clock has to outlive the keeper and every Lease.
    LeaseKeeper(PortableServer::POA_ptr poa, const Clock& clock, const LeaseLimits& limits);

    /// Drops everything.
    ~LeaseKeeper();
    LeaseKeeper(const LeaseKeeper&) = delete;
    LeaseKeeper& operator=(const LeaseKeeper&) = delete;

    /// Activates the servant that `make` gives (a new one; its reference is taken over) and gives
    /// a reference to it. `owner` is whom it belongs to: a user, an agent, a session. Ends overdue
    /// leases before, and those of the same owner for an earlier attempt at the same work. Throws
    /// Error(limitExceeded) when there are too many, of all or of this owner, with retryAfter, and
    /// Error(gone) when a later attempt has begun; what `make` throws passes.
    CORBA::Object_ptr keep(
        const std::string& owner,
        const std::function<PortableServer::ServantBase*(const Lease& lease)>& make,
        const LeaseWork& work = {});

    /// Ends all leases of an owner (logout, revoked agent). Gives how many there were.
    std::size_t dropOwner(const std::string& owner);

    /// Ends what is overdue; for the housekeeping, every minute or so. Gives how many there were.
    std::size_t expire();

    std::size_t count() const;

  private:
    std::shared_ptr<LeaseTable> table_;
};

}  // namespace coffer::rpc
