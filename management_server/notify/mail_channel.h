#pragma once

#include <functional>
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

/// Mail to those that a task names, about each of its runs that has ended.
class TaskMailChannel : public Channel {
  public:
    /// Who is told of a run of a task that ended in a state; asked when the mail is sent.
    using Recipients =
        std::function<std::vector<std::string>(const std::string& task, const std::string& state)>;

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
    const std::string panelUrl_;
    const Recipients recipients_;
    MailSender sender_;
};

}  // namespace coffer
