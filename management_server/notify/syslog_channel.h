#pragma once

#include "management_server/notify/channel.h"
#include "management_server/notify/notify_settings.h"
#include "management_server/notify/outgoing.h"

namespace coffer {

/// Syslog: a socket of this computer, UDP (RFC 5426) or TCP with counted frames (RFC 6587).
class SyslogChannel : public Channel {
  public:
    SyslogChannel(const SyslogSettings& settings, std::string host)
        : settings_(settings), host_(std::move(host)) {}

    std::string name() const override { return "syslog"; }
    ChannelKind kind() const override { return ChannelKind::syslog; }
    Severity least() const override { return settings_.least; }
    std::size_t batch() const override { return 100; }
    void send(std::span<const Notification> news) override;
    void stop() noexcept override { open_.stop(); }

  private:
    void sendByUdp(std::span<const Notification> news);
    void sendByTcp(std::span<const Notification> news);

    const SyslogSettings settings_;
    const std::string host_;
    OpenSocket open_;
};

}  // namespace coffer
