#pragma once

#include "management_server/notify/channel.h"
#include "management_server/notify/mail_text.h"
#include "management_server/notify/notify_settings.h"
#include "management_server/notify/outgoing.h"

namespace coffer {

/// Mail by SMTP (RFC 5321), with TLS from the first octet or after STARTTLS (RFC 3207), and AUTH
/// (RFC 4954). What waits comes as one mail.
class MailChannel : public Channel {
  public:
    /// Reads the password. Throws Error, as readSecretFile and checkingContext.
    MailChannel(const MailSettings& settings, std::string panelUrl, std::string host);

    std::string name() const override { return "mail"; }
    ChannelKind kind() const override { return ChannelKind::mail; }
    Severity least() const override { return Severity::info; }
    std::size_t batch() const override { return 50; }
    void send(std::span<const Notification> news) override;
    void stop() noexcept override { open_.stop(); }

    /// Throws Error as send().
    void sendText(const MailText& mail);

    std::optional<int> digestMinute() const { return settings_.digestMinute; }
    const std::string& panelUrl() const { return panelUrl_; }

  private:
    void deliver(const MailText& mail);

    const MailSettings settings_;
    const std::string panelUrl_;
    const std::string host_;  // as which the server says hello
    std::string password_;
    Poco::Net::Context::Ptr context_;  // none without TLS
    OpenSocket open_;
};

}  // namespace coffer
