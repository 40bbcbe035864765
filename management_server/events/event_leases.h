#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "management_server/database/server_database.h"

namespace coffer {

/// A place in the stream of events that is kept for a client.
struct EventLeaseRecord {
    std::string name;
    std::string user;
    std::uint64_t position = 0;
    Timestamp used;
    std::int64_t holdSeconds = 0;

    Timestamp ends() const { return {used.seconds + holdSeconds, used.nanoseconds}; }
};

/// The table `event_leases` of server.db. Each user has leases of his own. Safe to share between
/// threads.
class EventLeases {
  public:
    static constexpr std::size_t mostOfUser = 16;
    static constexpr std::size_t most = 200;

    /// Both outlive it.
    EventLeases(ServerDatabase& database, const Clock& clock)
        : database_(database), clock_(clock) {}

    /// Begins one at `position`, or goes on with the one there is, whose hours are set anew; when
    /// it lies before `oldest` - 1 it begins anew, too. Gives the position. Throws
    /// Error(invalidArgument), (limitExceeded).
    std::uint64_t begin(const std::string& user, const std::string& name, std::uint32_t hours,
                        std::uint64_t position, std::uint64_t oldest);

    /// Position of a lease that lives; it counts as used. Throws Error(gone).
    std::uint64_t use(const std::string& user, const std::string& name);

    /// Moves it. One that moves backwards stays where it is. Throws Error(gone).
    void move(const std::string& user, const std::string& name, std::uint64_t position);

    std::vector<EventLeaseRecord> list(const std::string& user) const;  // by name

    /// Throws Error(notFound).
    void end(const std::string& user, const std::string& name);

    /// Forgets those that have ended and gives the lowest position of the others. Within a
    /// transaction.
    static std::optional<std::uint64_t> lowest(SqlDatabase& database, Timestamp now);

  private:
    ServerDatabase& database_;
    const Clock& clock_;
};

}  // namespace coffer
