#include "management_server/notify/mail_sender.h"

#include <Poco/Net/MailMessage.h>
#include <Poco/Net/MailRecipient.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SMTPClientSession.h>

#include "core/base/printable.h"
#include "management_server/notify/secret_file.h"

namespace coffer {

namespace {

using Poco::Net::MailMessage;
using Poco::Net::MailRecipient;
using Poco::Net::SMTPClientSession;

constexpr std::size_t longestComplaint = 300;

/// What Poco's own secure session does, over a connection with deadlines.
class Session : public SMTPClientSession {
  public:
    explicit Session(const Poco::Net::StreamSocket& socket) : SMTPClientSession(socket) {
        setTimeout(socket.getReceiveTimeout());
    }

    void startTls(const std::string& host, const Poco::Net::Context::Ptr& context) {
        std::string answer;
        if (!isPositiveCompletion(sendCommand("STARTTLS", answer))) {
            throw Poco::Net::SMTPException("STARTTLS is refused", answer);
        }
        // What came behind the answer in the clear is thrown away with the old socket's buffer.
        socket() = secured(socket(), host, context);
    }
};

}  // namespace

MailSender::MailSender(const MailSettings& settings, std::string host)
    : settings_(settings), host_(std::move(host)) {
    if (!settings_.user.empty()) password_ = readSecretFile(settings_.passwordFile);
    if (settings_.security != MailSecurity::none) {
        context_ = checkingContext(settings_.authorityFile);
    }
}

void MailSender::send(const MailText& mail, std::span<const std::string> to) {
    outgoing("mail by " + settings_.server.text(), [&] { deliver(mail, to); });
}

void MailSender::deliver(const MailText& text, std::span<const std::string> to) {
    MailMessage mail;
    mail.setSender(settings_.from);
    for (const std::string& each : to) {
        mail.addRecipient(MailRecipient(MailRecipient::PRIMARY_RECIPIENT, each));
    }
    mail.setSubject(MailMessage::encodeWord(text.subject, "UTF-8"));
    mail.set("Auto-Submitted", "auto-generated");  // RFC 3834: nobody answers that he is away
    mail.setContentType("text/plain; charset=UTF-8");
    mail.setContent(text.body, MailMessage::ENCODING_QUOTED_PRINTABLE);

    Poco::Net::StreamSocket socket = connected(settings_.server);
    const auto hold = open_.set(socket);
    if (settings_.security == MailSecurity::tls) {
        socket = secured(socket, settings_.server.host, context_);
    }
    Session session(socket);
    session.open();
    if (settings_.security == MailSecurity::startTls) {
        session.login(host_);
        session.startTls(settings_.server.host, context_);
    }
    if (settings_.user.empty()) {
        session.login(host_);
    } else {
        session.login(host_, SMTPClientSession::AUTH_PLAIN, settings_.user, password_);
    }
    try {
        session.sendMessage(mail);
    } catch (const Poco::Net::SMTPException& refused) {
        constexpr int forGood = 5;  // the first digit of such an answer
        if (refused.code() / 100 != forGood) throw;
        throw Error(ErrorCode::permissionDenied,
                    "mail by " + settings_.server.text() + ": " +
                        printable(refused.displayText().substr(0, longestComplaint)));
    }
    session.close();
}

}  // namespace coffer
