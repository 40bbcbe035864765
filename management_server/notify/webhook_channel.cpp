#include "management_server/notify/webhook_channel.h"

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/URI.h>

#include "core/base/digest.h"
#include "core/base/printable.h"
#include "management_server/notify/secret_file.h"
#include "management_server/notify/webhook_body.h"

namespace coffer {

namespace {

constexpr std::size_t nameDigits = 8;
constexpr std::size_t leastSecret = 16;
constexpr int mostFields = 100;  // of an answer

std::string secretIn(const std::string& file) {
    std::string secret = readSecretFile(file);
    if (secret.size() >= leastSecret) return secret;
    throw Error(ErrorCode::invalidArgument,
                "secret file " + printable(file) + ": 16 octets or more are needed");
}

}  // namespace

WebhookChannel::WebhookChannel(const WebhookSettings& settings, std::string url,
                               std::string panelUrl, const Clock& clock)
    : url_(std::move(url)),
      name_("webhook-" + sha256(bytesOf(url_)).hex().substr(0, nameDigits)),
      panelUrl_(std::move(panelUrl)),
      least_(settings.least),
      secret_(secretIn(settings.secretFile)),
      clock_(clock) {
    if (Poco::URI(url_).getScheme() == "https") context_ = checkingContext(settings.authorityFile);
}

void WebhookChannel::send(std::span<const Notification> news) {
    for (const Notification& each : news) {
        outgoing(name_, [&] { post(webhookBody(each, panelUrl_)); });
    }
}

void WebhookChannel::post(const std::string& body) {
    using namespace Poco::Net;
    const Poco::URI url(url_);
    StreamSocket socket = connected({url.getHost(), url.getPort()});
    const auto hold = open_.set(socket);
    if (context_) socket = secured(socket, url.getHost(), context_);

    HTTPClientSession session(socket);
    session.setKeepAlive(true);  // or the session would dial by itself
    const std::string path = url.getPathAndQuery();
    HTTPRequest request(HTTPRequest::HTTP_POST, path.empty() ? "/" : path, HTTPMessage::HTTP_1_1);
    const std::int64_t now = clock_.now().seconds;
    request.setHost(url.getHost(), url.getPort());
    request.setKeepAlive(false);
    request.setContentType("application/json");
    request.setContentLength64(static_cast<std::streamsize>(body.size()));
    request.set("X-Coffer-Timestamp", std::to_string(now));
    request.set("X-Coffer-Signature", webhookSignature(secret_, now, body));
    session.sendRequest(request) << body << std::flush;

    HTTPResponse response;
    response.setFieldLimit(mostFields);
    session.receiveResponse(response);
    const int status = response.getStatus();
    if (status < 200 || status > 299) {
        throw Error(ErrorCode::unavailable,
                    name_ + ": the receiver answered " + std::to_string(status));
    }
}

}  // namespace coffer
