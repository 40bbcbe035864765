#include "management_server/notify/channel_queue.h"

#include <algorithm>
#include <vector>

#include "core/base/error.h"
#include "core/service/log.h"
#include "management_server/notify/notify_state.h"

namespace coffer {

namespace {

constexpr std::uint32_t eventsAtOnce = 200;
constexpr std::uint64_t mostUnwritten = 1'000;
constexpr unsigned leastAttempts = 3;
constexpr unsigned mostDoublings = 16;

// Of a channel's own troubles the others are to tell.
bool isAbout(const RecordedEvent& event, const std::string& channel) {
    return event.value("channel") == channel;
}

}  // namespace

/// What is sent next, and the number up to which all has been looked at.
struct ChannelQueue::Portion {
    std::vector<Notification> news;
    std::uint64_t end = 0;
    bool last = false;  // there is nothing behind it
};

ChannelQueue::ChannelQueue(ServerDatabase& database, EventRecorder& events, const Clock& clock,
                           Channel& channel, const Limits& limits)
    : database_(database), events_(events), clock_(clock), channel_(channel), limits_(limits) {
    const auto kept = readNotifyState(database_, channel_.name());
    // Numbers beyond the newest are of a database that was set back.
    position_ =
        std::min(kept ? static_cast<std::uint64_t>(*kept) : events_.newest(), events_.newest());
    written_ = position_;
    if (!kept) moveTo(position_);
}

ChannelQueue::Portion ChannelQueue::next() const {
    Portion portion;
    portion.end = position_;
    const auto events = events_.since(position_, eventsAtOnce);
    for (const RecordedEvent& event : events) {
        if (portion.news.size() == channel_.batch()) return portion;
        portion.end = event.number;
        const auto severity = severityFor(channel_.kind(), event);
        if (!severity || *severity < channel_.least()) continue;
        if (isAbout(event, channel_.name())) continue;
        portion.news.push_back({event, *severity});
    }
    portion.last = events.empty();
    return portion;
}

std::optional<std::chrono::seconds> ChannelQueue::work() {
    noteLost();
    for (;;) {
        const Portion portion = next();
        if (portion.last) return {};
        try {
            if (!portion.news.empty()) channel_.send(portion.news);
        } catch (const Error& error) {
            if (error.code() == ErrorCode::cancelled) return std::chrono::seconds(1);
            if (const auto pause = failed(portion, error)) return pause;
        }
        failures_ = 0;
        // What is passed over can be passed over again.
        position_ = portion.end;
        if (!portion.news.empty() || position_ - written_ > mostUnwritten) moveTo(position_);
    }
}

// Events that nobody keeps any more: it was down, or blocked, for too long.
void ChannelQueue::noteLost() {
    const std::uint64_t oldest = events_.oldest();
    if (oldest <= position_ + 1) return;
    const std::uint64_t lost = oldest - position_ - 1;
    moveTo(oldest - 1);
    events_.add("notification-dropped", channel_.name(),
                channel_.name() + " fell so far behind that up to " + std::to_string(lost) +
                    " events were not told",
                {{"channel", channel_.name()}});
}

void ChannelQueue::moveTo(std::uint64_t number) {
    writeNotifyState(database_, channel_.name(), static_cast<std::int64_t>(number));
    position_ = written_ = number;
}

// Nothing: they are dropped.
std::optional<std::chrono::seconds> ChannelQueue::failed(const Portion& portion,
                                                         const Error& error) {
    ++failures_;
    const std::int64_t age = clock_.now().seconds - portion.news.back().event.time.seconds;
    log(LogLevel::warning, "notification.failed",
        {{"channel", channel_.name()},
         {"attempt", std::to_string(failures_)},
         {"message", error.what()}});
    // An address that the mail server refuses keeps no other task's mail waiting.
    const bool isVain =
        channel_.kind() == ChannelKind::taskMail && error.code() == ErrorCode::permissionDenied;
    if (isVain || (failures_ >= leastAttempts && age > limits_.giveUpSeconds)) {
        events_.add(
            "notification-dropped", channel_.name(),
            std::to_string(portion.news.size()) + " messages could not be sent: " + error.what(),
            {{"channel", channel_.name()},
             {"first", std::to_string(portion.news.front().event.number)},
             {"last", std::to_string(portion.news.back().event.number)}});
        return {};
    }
    const std::int64_t pause = std::min(
        limits_.firstPause << std::min(failures_ - 1, mostDoublings), limits_.longestPause);
    return std::chrono::seconds(pause);
}

}  // namespace coffer
