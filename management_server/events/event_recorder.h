#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/guarded.h"
#include "management_server/database/server_database.h"
#include "management_server/events/event_sink.h"

namespace coffer {

/// Something that happened (Event of events.idl).
struct RecordedEvent {
    std::uint64_t number = 0;  // ascending
    Timestamp time = {};
    std::string kind = {};     // "agent-attached", "run-ended"…
    std::string subject = {};  // name of the agent, number of the run…
    std::string text = {};     // one line for people, printable
    std::map<std::string, std::string> more = {};

    /// What `more` says under a name; empty when it says nothing.
    std::string_view value(const std::string& name) const {
        const auto found = more.find(name);
        return found == more.end() ? std::string_view() : found->second;
    }
};

/// What happens, as one stream in server.db: the newest 100,000 are kept, and up to
/// 300,000 that a lease needs (event_leases.h). Safe to share between
/// threads; nothing is called under its lock.
class EventRecorder : public EventSink {
  public:
    /// Database and clock outlive it.
    EventRecorder(ServerDatabase& database, const Clock& clock);

    /// Enters an event and wakes those who wait. Texts are made printable and cut at 2,000 octets,
    /// `more` at 32 values. What cannot be written is logged.
    void add(std::string_view kind, std::string_view subject, std::string_view text,
             const std::map<std::string, std::string>& more = {}) noexcept override;

    /// Events after number `after`, oldest first, `atMost` (1 to 1,000) of them; fewer than there
    /// are when they are very long. Throws Error(invalidArgument).
    std::vector<RecordedEvent> since(std::uint64_t after, std::uint32_t atMost) const;

    /// The same, but when there are none, waits for one until `end` or the stop; may come back with
    /// none. Throws Error(limitExceeded) with retryAfter when 100 wait already.
    std::vector<RecordedEvent> waitSince(std::uint64_t after, std::uint32_t atMost,
                                         std::chrono::steady_clock::time_point end);

    /// Number of the newest event; 0 when there is none.
    std::uint64_t newest() const;

    /// Number of the oldest event that is kept; that of the next one when there is none.
    std::uint64_t oldest() const;

    /// From now on nobody waits: the server is stopping.
    void stop();

  private:
    struct State {
        std::uint64_t newest = 0;
        std::uint64_t oldest = 1;
        unsigned waiting = 0;
        bool stopped = false;
    };

    ServerDatabase& database_;
    const Clock& clock_;
    mutable Guarded<State> state_;
};

}  // namespace coffer
