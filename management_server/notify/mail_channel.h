#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "core/base/guarded.h"
#include "management_server/notify/channel.h"
#include "management_server/notify/mail_sender.h"

namespace coffer {

/// Mail to those that look after the server. What waits comes as one mail.
class MailChannel : public Channel {
  public:
    /// Throws Error as MailSender.
    MailChannel(const MailSettings& settings, std::string panelUrl, const std::string& host);

    std::string name() const override { return "mail"; }
    ChannelKind kind() const override { return ChannelKind::mail; }
    Severity least() const override { return Severity::info; }
    std::size_t batch() const override { return 50; }
    void send(std::span<const Notification> news) override;
    void stop() noexcept override { sender_.stop(); }

    /// Throws Error as send().
    void sendText(const MailText& mail);

    std::optional<int> digestMinute() const { return digestMinute_.with(copied); }
    void setDigestMinute(std::optional<int> minute) {
        digestMinute_.with([&](std::optional<int>& now) { now = minute; });
    }
    const std::string& panelUrl() const { return panelUrl_; }

  private:
    static std::optional<int> copied(const std::optional<int>& minute) { return minute; }

    const std::vector<std::string> to_;
    Guarded<std::optional<int>> digestMinute_;
    const std::string panelUrl_;
    MailSender sender_;
};

/// Mail to those that a task names, about each of its runs that has ended: to each of them one of
/// his own, so that an address which is refused is told, and keeps nothing from the others.
class TaskMailChannel : public Channel {
  public:
    /// Who is told of the end of a task's run; asked when the mail is sent.
    using Recipients = std::function<std::vector<std::string>(const RecordedEvent& end)>;

    /// Throws Error as MailSender.
    TaskMailChannel(const MailSettings& settings, std::string panelUrl, const std::string& host,
                    Recipients recipients);

    std::string name() const override { return "task-mail"; }
    ChannelKind kind() const override { return ChannelKind::taskMail; }
    Severity least() const override { return Severity::info; }
    std::size_t batch() const override { return 1; }  // one that is refused is no other's trouble
    void send(std::span<const Notification> news) override;
    void stop() noexcept override { sender_.stop(); }

  private:
    /// How far the mails about an event are: nobody gets one twice when it is sent again.
    struct Progress {
        std::uint64_t event = 0;
        std::set<std::string> done = {};  // addresses that have it, or are refused
        std::string refused = {};         // which are, and why
    };

    void send(const Notification& news);

    const std::string panelUrl_;
    const Recipients recipients_;
    MailSender sender_;
    Progress progress_;
};

}  // namespace coffer
