#include "core/rpc/leases.h"

#include <algorithm>
#include <limits>
#include <map>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/guarded.h"
#include "core/base/random.h"

namespace coffer::rpc {

namespace {

constexpr std::uint32_t comeBackIn = 5'000;  // milliseconds, when there is no room

struct Entry {
    std::string owner;
    std::int64_t lastUse = 0;  // seconds of the clock
    unsigned uses = 0;         // calls under way, which keep it
    LeaseWork work{};
};

struct Entries {
    std::unordered_map<LeaseId, Entry, IdHash> byId;
    std::map<std::string, std::size_t> byOwner;                       // how many each has
    std::int64_t nextDue = std::numeric_limits<std::int64_t>::max();  // nothing ends before
    std::int64_t lastLook = std::numeric_limits<std::int64_t>::min();

    void erase(std::unordered_map<LeaseId, Entry, IdHash>::iterator at) {
        const auto counted = byOwner.find(at->second.owner);
        if (--counted->second == 0) byOwner.erase(counted);
        byId.erase(at);
    }
};

[[noreturn]] void throwFull(const char* whose) {
    throw Error(ErrorCode::limitExceeded, std::string("too many open objects ") + whose)
        .withRetryAfter(comeBackIn);
}

PortableServer::ObjectId objectIdOf(const LeaseId& id) {
    PortableServer::ObjectId object;
    object.length(static_cast<CORBA::ULong>(id.bytes.size()));
    std::ranges::copy(id.bytes, object.get_buffer());
    return object;
}

}  // namespace

/// What the keeper and its leases share.
struct LeaseTable {
    LeaseTable(PortableServer::POA_ptr at, const Clock& time, const LeaseLimits& most)
        : poa(PortableServer::POA::_duplicate(at)), clock(time), limits(most) {}

    const PortableServer::POA_var poa;
    const Clock& clock;
    const LeaseLimits limits;
    Guarded<Entries> entries;

    std::int64_t now() const { return clock.now().seconds; }
    bool overdue(const Entry& entry, std::int64_t time) const {
        return entry.uses == 0 && time - entry.lastUse >= limits.seconds;
    }

    LeaseId reserve(const std::string& owner, const LeaseWork& work);
    void supersede(const std::string& owner, const LeaseWork& work);
    void startUse(const LeaseId& id);
    void endUse(const LeaseId& id);
    bool holds(const LeaseId& id);
    void drop(const LeaseId& id);
    std::size_t expire();
    std::size_t dropIf(const std::function<bool(const Entry&)>& wanted);

  private:
    void deactivate(const LeaseId& id);
    std::vector<LeaseId> takeOverdue(Entries& all);
};

// Whose work goes on in a later attempt is not waited for.
void LeaseTable::supersede(const std::string& owner, const LeaseWork& work) {
    if (work.work == 0) return;
    dropIf([&](const Entry& entry) {
        return entry.owner == owner && entry.work.work == work.work &&
               entry.work.attempt < work.attempt;
    });
}

LeaseId LeaseTable::reserve(const std::string& owner, const LeaseWork& work) {
    const auto id = randomId<LeaseId>();
    const std::int64_t time = now();
    entries.with([&](Entries& all) {
        if (all.byId.size() >= limits.objects) throwFull("at this server");
        const auto isLater = [&](const auto& entry) {
            const LeaseWork& other = entry.second.work;
            return work.work != 0 && other.work == work.work && other.attempt > work.attempt &&
                   entry.second.owner == owner;
        };
        if (std::ranges::any_of(all.byId, isLater)) {
            throw Error(ErrorCode::gone, "a later attempt has begun");
        }
        std::size_t& ofOwner = all.byOwner[owner];
        if (ofOwner >= limits.objectsOfOwner) throwFull("of one owner");
        all.byId.emplace(id, Entry{owner, time, 0, work});
        ++ofOwner;
        all.nextDue = std::min(all.nextDue, time + limits.seconds);
    });
    return id;
}

void LeaseTable::startUse(const LeaseId& id) {
    const std::int64_t time = now();
    const bool alive = entries.with([&](Entries& all) {
        const auto found = all.byId.find(id);
        if (found == all.byId.end() || overdue(found->second, time)) return false;
        ++found->second.uses;
        return true;
    });
    if (alive) return;
    drop(id);
    throw Error(ErrorCode::gone, "the object is no more: it was closed or not used for too long");
}

void LeaseTable::endUse(const LeaseId& id) {
    const std::int64_t time = now();
    entries.with([&](Entries& all) {
        const auto found = all.byId.find(id);
        if (found == all.byId.end()) return;
        --found->second.uses;
        found->second.lastUse = time;
    });
}

bool LeaseTable::holds(const LeaseId& id) {
    return entries.with([&](Entries& all) { return all.byId.contains(id); });
}

void LeaseTable::drop(const LeaseId& id) {
    const bool was = entries.with([&](Entries& all) {
        const auto found = all.byId.find(id);
        if (found == all.byId.end()) return false;
        all.erase(found);
        return true;
    });
    if (was) deactivate(id);
}

std::size_t LeaseTable::dropIf(const std::function<bool(const Entry&)>& wanted) {
    std::vector<LeaseId> dropped;
    entries.with([&](Entries& all) {
        for (auto at = all.byId.begin(); at != all.byId.end();) {
            const auto here = at++;
            if (!wanted(here->second)) continue;
            dropped.push_back(here->first);
            all.erase(here);
        }
    });
    for (const LeaseId& id : dropped) deactivate(id);
    return dropped.size();
}

std::size_t LeaseTable::expire() {
    const auto dropped = entries.with([&](Entries& all) { return takeOverdue(all); });
    for (const LeaseId& id : dropped) deactivate(id);
    return dropped.size();
}

// Looks at all only when something can be due, since every new object asks for it. A clock that was
// set back must not make leases longer.
std::vector<LeaseId> LeaseTable::takeOverdue(Entries& all) {
    std::vector<LeaseId> due;
    const std::int64_t time = now();
    const bool setBack = time < std::exchange(all.lastLook, time);
    if (time < all.nextDue && !setBack) return due;
    all.nextDue = std::numeric_limits<std::int64_t>::max();
    for (auto at = all.byId.begin(); at != all.byId.end();) {
        const auto here = at++;
        Entry& entry = here->second;
        entry.lastUse = std::min(entry.lastUse, time);
        if (overdue(entry, time)) {
            due.push_back(here->first);
            all.erase(here);
        } else {
            all.nextDue = std::min(all.nextDue, entry.lastUse + limits.seconds);
        }
    }
    return due;
}

// Calls under way keep the servant until they end.
void LeaseTable::deactivate(const LeaseId& id) {
    try {
        poa->deactivate_object(objectIdOf(id));
    } catch (const CORBA::Exception&) {
        // Not activated yet (keep() sees to it), or the POA is gone with all its objects.
    }
}

Lease::Use::Use(std::shared_ptr<LeaseTable> table, const LeaseId& id)
    : table_(std::move(table)), id_(id) {}

Lease::Use::~Use() {
    if (table_) table_->endUse(id_);
}

Lease::Lease(std::shared_ptr<LeaseTable> table, const LeaseId& id)
    : table_(std::move(table)), id_(id) {}

Lease::Use Lease::use() const {
    if (table_) table_->startUse(id_);
    return Use(table_, id_);
}

void Lease::touch() const {
    const auto once = use();
}

void Lease::drop() const {
    if (table_) table_->drop(id_);
}

LeaseKeeper::LeaseKeeper(PortableServer::POA_ptr poa, const Clock& clock, const LeaseLimits& limits)
    : table_(std::make_shared<LeaseTable>(poa, clock, limits)) {}

LeaseKeeper::~LeaseKeeper() {
    table_->dropIf([](const Entry&) { return true; });
}

CORBA::Object_ptr LeaseKeeper::keep(
    const std::string& owner,
    const std::function<PortableServer::ServantBase*(const Lease& lease)>& make,
    const LeaseWork& work) {
    table_->expire();
    table_->supersede(owner, work);
    const LeaseId id = table_->reserve(owner, work);
    const Lease lease(table_, id);
    const auto making = lease.use();
    try {
        const PortableServer::ServantBase_var servant = make(lease);
        const PortableServer::ObjectId object = objectIdOf(id);
        table_->poa->activate_object_with_id(object, servant.in());
        CORBA::Object_var reference = table_->poa->id_to_reference(object);
        if (!table_->holds(id)) {  // its owner was dropped meanwhile
            table_->poa->deactivate_object(object);
            throw Error(ErrorCode::gone, "the session has ended");
        }
        return reference._retn();
    } catch (...) {
        lease.drop();
        throw;
    }
}

std::size_t LeaseKeeper::dropOwner(const std::string& owner) {
    return table_->dropIf([&](const Entry& entry) { return entry.owner == owner; });
}

std::size_t LeaseKeeper::expire() {
    return table_->expire();
}

std::size_t LeaseKeeper::count() const {
    return table_->entries.with([](const Entries& all) { return all.byId.size(); });
}

}  // namespace coffer::rpc
