#include "management_server/notify/mail_channel.h"

namespace coffer {

MailChannel::MailChannel(const MailSettings& settings, std::string panelUrl,
                         const std::string& host)
    : to_(settings.to),
      digestMinute_(settings.digestMinute),
      panelUrl_(std::move(panelUrl)),
      sender_(settings, host) {}

void MailChannel::send(std::span<const Notification> news) {
    sendText(mailAbout(news, panelUrl_));
}

void MailChannel::sendText(const MailText& mail) {
    sender_.send(mail, to_);
}

TaskMailChannel::TaskMailChannel(const MailSettings& settings, std::string panelUrl,
                                 const std::string& host, Recipients recipients)
    : panelUrl_(std::move(panelUrl)), recipients_(std::move(recipients)), sender_(settings, host) {}

void TaskMailChannel::send(std::span<const Notification> news) {
    for (const Notification& each : news) send(each);
}

void TaskMailChannel::send(const Notification& news) {
    if (progress_.event != news.event.number) progress_ = {news.event.number};
    const MailText mail = mailAbout({&news, 1}, panelUrl_);
    std::optional<Error> later;
    for (const std::string& address : recipients_(news.event)) {
        if (progress_.done.contains(address)) continue;
        try {
            sender_.send(mail, {&address, 1});
        } catch (const Error& error) {
            if (error.code() == ErrorCode::busy) {
                later = error;
                continue;
            }
            if (error.code() != ErrorCode::permissionDenied) throw;
            progress_.refused +=
                (progress_.refused.empty() ? "" : "; ") + std::string(error.what());
        }
        progress_.done.insert(address);
    }
    if (later) throw Error(*later);
    if (!progress_.refused.empty()) throw Error(ErrorCode::permissionDenied, progress_.refused);
}

}  // namespace coffer
