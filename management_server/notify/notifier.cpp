#include "management_server/notify/notifier.h"

#include "core/base/calendar.h"
#include "core/service/log.h"
#include "management_server/notify/notify_state.h"
#include "management_server/notify/syslog_channel.h"
#include "management_server/notify/webhook_channel.h"

namespace coffer {

namespace {

constexpr std::chrono::seconds look{1};  // how often new events are looked for
constexpr std::chrono::seconds afterTrouble{10};
constexpr const char* digestName = "digest";

}  // namespace

Notifier::Notifier(const Parts& parts, const NotifySettings& settings)
    : parts_(parts), limits_{.giveUpSeconds = settings.giveUpSeconds} {
    if (settings.mail) {
        auto mail = std::make_unique<MailChannel>(*settings.mail, settings.panelUrl, parts.host);
        mail_ = mail.get();
        channels_.push_back(std::move(mail));
        channels_.push_back(std::make_unique<TaskMailChannel>(*settings.mail, settings.panelUrl,
                                                              parts.host, parts.recipients));
    }
    if (settings.webhook) {
        for (const std::string& url : settings.webhook->urls) {
            channels_.push_back(std::make_unique<WebhookChannel>(*settings.webhook, url,
                                                                 settings.panelUrl, parts.clock));
        }
    }
    if (settings.syslog) {
        channels_.push_back(std::make_unique<SyslogChannel>(*settings.syslog, parts.host));
    }
}

void Notifier::start() {
    for (const auto& channel : channels_) {
        threads_.start([this, &channel = *channel] { run(channel); });
    }
}

void Notifier::stop() {
    stop_.change([](Stop& stop) { stop.asked = true; });
    for (const auto& channel : channels_) channel->stop();
    threads_.join();
}

// Gives whether to go on.
bool Notifier::waits(std::chrono::milliseconds longest) {
    const auto asked = [](const Stop& stop) { return stop.asked; };
    return !stop_.whenOrAt(std::chrono::steady_clock::now() + longest, asked, asked);
}

void Notifier::run(Channel& channel) {
    std::optional<ChannelQueue> queue;
    std::chrono::milliseconds pause{0};
    do {
        try {
            if (!queue) {
                queue.emplace(parts_.database, parts_.events, parts_.clock, channel, limits_);
            }
            pause = queue->work().value_or(look);
            if (&channel == mail_ && !sendDigestIfDue(*mail_)) {
                pause = std::max<std::chrono::milliseconds>(pause, afterTrouble);
            }
        } catch (const std::exception& error) {
            log(LogLevel::error, "notification.failed",
                {{"channel", channel.name()}, {"message", error.what()}});
            pause = afterTrouble;
        }
    } while (waits(pause));
}

// Gives false when it could not be sent.
bool Notifier::sendDigestIfDue(MailChannel& mail) {
    const std::optional<int> minute = mail.digestMinute();
    if (!minute) return true;
    const Timestamp now = parts_.clock.now();
    const std::int64_t day = digestDay(now, localOffset(now), *minute);
    const auto sent = readNotifyState(parts_.database, digestName);
    // The first one comes at its hour, not when the server is set up; likewise after a clock was
    // set back.
    if (!sent || *sent > day) writeNotifyState(parts_.database, digestName, day);
    if (!sent || *sent >= day) return true;
    try {
        mail.sendText(digestOf(*parts_.status(), mail.panelUrl()));
    } catch (const Error& error) {
        log(LogLevel::warning, "digest.failed", {{"message", error.what()}});
        return false;
    }
    writeNotifyState(parts_.database, digestName, day);
    return true;
}

}  // namespace coffer
