#include "management_server/notify/mail_sender.h"

#include <Poco/Net/MailMessage.h>
#include <Poco/Net/MailRecipient.h>
#include <Poco/Net/MailStream.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SMTPClientSession.h>

#include <sstream>

#include "core/base/printable.h"
#include "management_server/notify/secret_file.h"

namespace coffer {

namespace {

using Poco::Net::MailMessage;
using Poco::Net::MailRecipient;
using Poco::Net::SMTPClientSession;

constexpr std::size_t longestComplaint = 300;

bool isForGood(int status) {
    constexpr int forGood = 5;  // the first digit of such an answer
    return status / 100 == forGood;
}

Error notTaken(const std::string& address, int status, const std::string& answer) {
    return {isForGood(status) ? ErrorCode::permissionDenied : ErrorCode::busy,
            printable(address) + ": " + printable(answer.substr(0, longestComplaint))};
}

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

    void setSender(const std::string& address) {
        std::string answer;
        const int status = sendCommand("MAIL FROM:<" + address + ">", answer);
        if (!isPositiveCompletion(status)) {
            throw Poco::Net::SMTPException("the sender is refused", answer, status);
        }
    }

    void addRecipient(const std::string& address) {
        std::string answer;
        const int status = sendCommand("RCPT TO:<" + address + ">", answer);
        if (!isPositiveCompletion(status)) throw notTaken(address, status, answer);
    }

    // Behind MAIL and RCPT.
    void sendContent(const MailMessage& mail) {
        std::stringstream content;
        Poco::Net::MailOutputStream out(content);
        mail.write(out);
        out.close();
        sendData();
        sendMessage(content);
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
    const std::string doing = "mail by " + settings_.server.text();
    outgoing(doing, [&] { during(doing, [&] { deliver(mail, to); }); });
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
    session.setSender(settings_.from);
    for (const std::string& each : to) session.addRecipient(each);
    try {
        session.sendContent(mail);
    } catch (const Poco::Net::SMTPException& refused) {
        if (!isForGood(refused.code())) throw;
        throw notTaken(to.front(), refused.code(), refused.displayText());
    }
    session.close();
}

}  // namespace coffer
