#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "management_server/database/server_database.h"
#include "management_server/events/event_recorder.h"
#include "management_server/notify/channel.h"

namespace coffer {

/// What one channel still has to tell: reads the events behind a position that server.db keeps,
/// sends those that the rules give to it, and moves the position when they are sent. So after a
/// crash the last ones may be sent twice, none is left out. Used by one thread.
class ChannelQueue {
  public:
    /// An event is dropped once it is older than this and was tried three times; mail of a task
    /// also when the mail server refuses it for good.
    struct Limits {
        std::int64_t giveUpSeconds = 24 * 3'600;
        std::int64_t firstPause = 1;  // seconds; twice as long after each failure
        std::int64_t longestPause = 600;
    };

    /// All outlive it. A channel that server.db does not know begins with what happens from now on.
    ChannelQueue(ServerDatabase& database, EventRecorder& events, const Clock& clock,
                 Channel& channel, const Limits& limits);

    /// Sends what there is, as far as it goes. Gives how long to pause before the next attempt, or
    /// nothing when only new events are to be waited for.
    std::optional<std::chrono::seconds> work();

    /// Number of the last event that has been dealt with.
    std::uint64_t position() const { return position_; }

  private:
    struct Portion;
    Portion next() const;
    void noteLost();
    void moveTo(std::uint64_t number);
    std::optional<std::chrono::seconds> failed(const Portion& portion, const Error& error);

    ServerDatabase& database_;
    EventRecorder& events_;
    const Clock& clock_;
    Channel& channel_;
    const Limits limits_;
    std::uint64_t position_ = 0;
    std::uint64_t written_ = 0;  // as server.db has it
    unsigned failures_ = 0;      // in a row
};

}  // namespace coffer
