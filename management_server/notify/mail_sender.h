#pragma once

#include <span>
#include <string>

#include "management_server/notify/mail_text.h"
#include "management_server/notify/notify_settings.h"
#include "management_server/notify/outgoing.h"

namespace coffer {

/// Sends mail by SMTP (RFC 5321), with TLS from the first octet or after STARTTLS (RFC 3207), and
/// AUTH (RFC 4954). send() is called by one thread at a time, stop() by any.
class MailSender {
  public:
    /// Reads the password. `host` is as which the server says hello. Throws Error, as
    /// readSecretFile and checkingContext.
    MailSender(const MailSettings& settings, std::string host);

    /// Sends one mail to all of them, or to none. Throws Error(permissionDenied) when the mail
    /// server will never take it for an address, which the error names, (busy) when it does not
    /// take it for one now, (unavailable) for all else that may pass, as a refused login or sender,
    /// (cancelled) once stop() was called.
    void send(const MailText& mail, std::span<const std::string> to);

    /// send() is to end soon, now and whenever it is called again.
    void stop() noexcept { open_.stop(); }

  private:
    void deliver(const MailText& mail, std::span<const std::string> to);

    const MailSettings settings_;
    const std::string host_;
    std::string password_;
    Poco::Net::Context::Ptr context_;  // none without TLS
    OpenSocket open_;
};

}  // namespace coffer
