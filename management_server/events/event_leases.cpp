#include "management_server/events/event_leases.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "management_server/database/columns.h"

namespace coffer {

namespace {

constexpr std::size_t longestName = 64;
constexpr std::uint32_t mostHours = 720;

bool isNameCharacter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
}

void checkName(const std::string& name) {
    if (name.empty() || name.size() > longestName || !std::ranges::all_of(name, isNameCharacter)) {
        throw Error(ErrorCode::invalidArgument,
                    "a lease's name has 1 to 64 letters, digits, '.', '-' and '_'");
    }
}

Error ended(const std::string& name) {
    return {ErrorCode::gone,
            "there is no lease " + printable(name.substr(0, longestName)) + ", or it has ended"};
}

// Names are each user's own: user names have no spaces.
std::string key(const std::string& user, const std::string& name) {
    return user + " " + name;
}

constexpr const char* columns = "SELECT name,user,position,used,hold FROM event_leases";

EventLeaseRecord leaseAt(SqlStatement& row) {
    EventLeaseRecord lease;
    const std::string name = textAt(row, 0);
    lease.name = name.substr(name.rfind(' ') + 1);
    lease.user = textAt(row, 1);
    lease.position = static_cast<std::uint64_t>(row.integer(2));
    lease.used = timeAt(row, 3).value_or(Timestamp{});
    lease.holdSeconds = row.integer(4);
    return lease;
}

std::optional<EventLeaseRecord> read(SqlDatabase& database, const std::string& user,
                                     const std::string& name, Timestamp now) {
    SqlStatement row = database.prepare(std::string(columns) + " WHERE name=?");
    bindText(row, 1, key(user, name));
    if (!row.step()) return {};
    const EventLeaseRecord lease = leaseAt(row);
    if (lease.ends() <= now) return {};
    return lease;
}

void write(SqlDatabase& database, const EventLeaseRecord& lease) {
    SqlStatement row = database.prepare("REPLACE INTO event_leases VALUES(?,?,?,?,?)");
    bindText(row, 1, key(lease.user, lease.name));
    bindText(row, 2, lease.user);
    row.bind(3, static_cast<std::int64_t>(lease.position)).bind(4, toColumn(lease.used));
    row.bind(5, lease.holdSeconds).run();
}

void checkRoom(SqlDatabase& database, const std::string& user) {
    SqlStatement count =
        database.prepare("SELECT count(*), coalesce(sum(user=?),0) FROM event_leases");
    bindText(count, 1, user);
    count.step();
    if (count.integer(0) >= std::int64_t{EventLeases::most} ||
        count.integer(1) >= std::int64_t{EventLeases::mostOfUser}) {
        throw Error(ErrorCode::limitExceeded, "there are too many leases of events");
    }
}

void dropEnded(SqlDatabase& database, Timestamp now) {
    SqlStatement drop = database.prepare("DELETE FROM event_leases WHERE used+hold*1000000000<=?");
    drop.bind(1, toColumn(now)).run();
}

}  // namespace

std::uint64_t EventLeases::begin(const std::string& user, const std::string& name,
                                 std::uint32_t hours, std::uint64_t position,
                                 std::uint64_t oldest) {
    checkName(name);
    if (hours == 0 || hours > mostHours) {
        throw Error(ErrorCode::invalidArgument, "a lease holds for 1 to 720 hours");
    }
    const Timestamp now = clock_.now();
    return database_.change([&](SqlDatabase& database) {
        auto lease = read(database, user, name, now);
        if (!lease) {
            dropEnded(database, now);
            checkRoom(database, user);
            lease = EventLeaseRecord{name, user, position, now, 0};
        }
        if (lease->position + 1 < oldest) lease->position = position;
        lease->used = now;
        lease->holdSeconds = std::int64_t{hours} * 3'600;
        write(database, *lease);
        return lease->position;
    });
}

std::uint64_t EventLeases::use(const std::string& user, const std::string& name) {
    // A minute more or less: not every page is worth a write.
    constexpr std::int64_t slack = 60;
    const Timestamp now = clock_.now();
    const auto lease =
        database_.read([&](SqlDatabase& database) { return read(database, user, name, now); });
    if (!lease) throw ended(name);
    if (now.seconds - lease->used.seconds > slack) move(user, name, lease->position);
    return lease->position;
}

void EventLeases::move(const std::string& user, const std::string& name, std::uint64_t position) {
    const Timestamp now = clock_.now();
    database_.change([&](SqlDatabase& database) {
        auto lease = read(database, user, name, now);
        if (!lease) throw ended(name);
        lease->position = std::max(lease->position, position);
        lease->used = now;
        write(database, *lease);
    });
}

std::vector<EventLeaseRecord> EventLeases::list(const std::string& user) const {
    const Timestamp now = clock_.now();
    return database_.read([&](SqlDatabase& database) {
        SqlStatement row = database.prepare(std::string(columns) + " WHERE user=? ORDER BY name");
        bindText(row, 1, user);
        std::vector<EventLeaseRecord> found;
        while (row.step()) {
            found.push_back(leaseAt(row));
            if (found.back().ends() <= now) found.pop_back();
        }
        return found;
    });
}

void EventLeases::end(const std::string& user, const std::string& name) {
    database_.change([&](SqlDatabase& database) {
        if (!read(database, user, name, clock_.now())) {
            throw Error(ErrorCode::notFound, "there is no such lease");
        }
        SqlStatement drop = database.prepare("DELETE FROM event_leases WHERE name=?");
        bindText(drop, 1, key(user, name));
        drop.run();
    });
}

std::optional<std::uint64_t> EventLeases::lowest(SqlDatabase& database, Timestamp now) {
    dropEnded(database, now);
    SqlStatement row = database.prepare("SELECT count(*), min(position) FROM event_leases");
    if (!row.step() || row.integer(0) == 0) return {};
    return static_cast<std::uint64_t>(row.integer(1));
}

}  // namespace coffer
