#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/guarded.h"
#include "core/base/threads.h"
#include "management_server/notify/channel_queue.h"
#include "management_server/notify/mail_channel.h"
#include "management_server/notify/notify_settings.h"

namespace coffer {

/// Tells what happens by the channels that are set up, each with a thread of its own, so that none
/// waits for another. Started and stopped by one thread.
class Notifier {
  public:
    struct Parts {
        ServerDatabase& database;
        EventRecorder& events;
        const Clock& clock;
        std::function<std::shared_ptr<const StatusReport>()> status;  // for the digest
        TaskMailChannel::Recipients recipients;
        std::string host;  // name of this computer
    };

    /// Reads the secrets. References outlive it. Throws Error when one is missing.
    Notifier(const Parts& parts, const NotifySettings& settings);
    ~Notifier() { stop(); }
    Notifier(const Notifier&) = delete;
    Notifier& operator=(const Notifier&) = delete;

    void start();

    /// When mail has the state of all sources, from now on; nothing: never.
    void setDigestMinute(std::optional<int> minute) {
        if (mail_) mail_->setDigestMinute(minute);
    }

    /// Calls under way are broken off; what is not sent will be, by the next server.
    void stop();

  private:
    struct Stop {
        bool asked = false;
    };
    void run(Channel& channel);
    bool waits(std::chrono::milliseconds longest);
    bool sendDigestIfDue(MailChannel& mail);

    const Parts parts_;
    const ChannelQueue::Limits limits_;
    std::vector<std::unique_ptr<Channel>> channels_;
    MailChannel* mail_ = nullptr;  // among them
    Guarded<Stop> stop_;
    ThreadScope threads_;
};

}  // namespace coffer
