#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "management_server/notify/notify_rules.h"

namespace coffer {

/// An event that is to be told, and how much it matters.
struct Notification {
    RecordedEvent event;
    Severity severity = Severity::info;
};

/// A way out of the server: mail, mail of tasks, a webhook, syslog. send() is called by one thread
/// at a time, stop() by any.
class Channel {
  public:
    virtual ~Channel() = default;

    /// Stays the same for ever: by it the server remembers what has been sent.
    virtual std::string name() const = 0;
    virtual ChannelKind kind() const = 0;

    /// What matters less is not sent.
    virtual Severity least() const = 0;

    /// So many are sent at a time.
    virtual std::size_t batch() const = 0;

    /// Sends all of them or throws Error: then they are sent again, all of them. Gives up after
    /// half a minute.
    virtual void send(std::span<const Notification> news) = 0;

    /// send() is to end soon, now and whenever it is called again.
    virtual void stop() noexcept = 0;
};

}  // namespace coffer
