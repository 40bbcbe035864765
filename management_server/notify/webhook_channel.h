#pragma once

#include "management_server/notify/channel.h"
#include "management_server/notify/notify_settings.h"
#include "management_server/notify/outgoing.h"

namespace coffer {

/// Posts each event to a URL: JSON, signed by HMAC with the time, so that nobody can replay it.
/// Anything but a 2xx answer is a failure; redirections are not followed.
class WebhookChannel : public Channel {
  public:
    /// Reads the secret. `clock` outlives it. Throws Error, as readSecretFile and checkingContext.
    WebhookChannel(const WebhookSettings& settings, std::string url, std::string panelUrl,
                   const Clock& clock);

    /// "webhook-" and digits of a hash of the URL, which may hold a secret of its own.
    std::string name() const override { return name_; }
    ChannelKind kind() const override { return ChannelKind::webhook; }
    Severity least() const override { return least_; }
    std::size_t batch() const override { return 1; }
    void send(std::span<const Notification> news) override;
    void stop() noexcept override { open_.stop(); }

  private:
    void post(const std::string& body);

    const std::string url_;
    const std::string name_;
    const std::string panelUrl_;
    const Severity least_;
    const std::string secret_;
    const Clock& clock_;
    Poco::Net::Context::Ptr context_;  // none without TLS
    OpenSocket open_;
};

}  // namespace coffer
