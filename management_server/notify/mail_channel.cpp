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
    for (const Notification& each : news) {
        const auto to = recipients_(std::string(each.event.value("task")),
                                    std::string(each.event.value("state")));
        if (!to.empty()) sender_.send(mailAbout({&each, 1}, panelUrl_), to);
    }
}

}  // namespace coffer
