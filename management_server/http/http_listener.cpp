#include "management_server/http/http_listener.h"

#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/NetSSL.h>
#include <Poco/Net/SecureServerSocket.h>
#include <openssl/ssl.h>

#include <string_view>

#include "core/base/error.h"
#include "core/base/printable.h"

namespace coffer {

namespace {

using namespace Poco::Net;

constexpr int atOnce = 4;
constexpr int waiting = 16;
constexpr std::streamsize longestBody = 64 << 10;
const Poco::Timespan patience{10, 0};

// What is left unread when the connection is closed makes the system cut the answer short.
void passOverBody(HTTPServerRequest& request) {
    if (!request.hasContentLength() && !request.getChunkedTransferEncoding()) return;
    request.stream().ignore(longestBody);
}

class Page : public HTTPRequestHandler {
  public:
    explicit Page(const HttpListener::Answer& answer) : answer_(answer) {}

    void handleRequest(HTTPServerRequest& request, HTTPServerResponse& response) override {
        response.setKeepAlive(false);
        passOverBody(request);
        const std::string& uri = request.getURI();
        const HttpAnswer answer =
            answerTo({request.getMethod(), uri.substr(0, uri.find('?')),
                      request.get("Authorization", ""), request.clientAddress().host().toString()});
        response.setStatusAndReason(static_cast<HTTPResponse::HTTPStatus>(answer.status));
        response.setContentType(answer.contentType);
        for (const auto& [name, value] : answer.headers) response.set(name, value);
        response.sendBuffer(answer.body.data(), answer.body.size());
    }

  private:
    HttpAnswer answerTo(const HttpRequest& request) const {
        try {
            return answer_(request);
        } catch (const std::exception&) {
            return {HTTPResponse::HTTP_INTERNAL_SERVER_ERROR, "the server failed\n"};
        }
    }

    const HttpListener::Answer& answer_;
};

class Pages : public HTTPRequestHandlerFactory {
  public:
    explicit Pages(HttpListener::Answer answer) : answer_(std::move(answer)) {}

    HTTPRequestHandler* createRequestHandler(const HTTPServerRequest&) override {
        return new Page(answer_);
    }

  private:
    const HttpListener::Answer answer_;
};

Context::Ptr contextOf(const std::string& certificateFile) {
    initializeSSL();
    Context::Ptr context(new Context(Context::TLS_SERVER_USE, certificateFile, certificateFile, "",
                                     Context::VERIFY_NONE));
    ::SSL_CTX_set_min_proto_version(context->sslContext(), TLS1_2_VERSION);
    return context;
}

}  // namespace

std::string bearerOf(const std::string& authorization) {
    constexpr std::string_view scheme = "Bearer ";
    return authorization.starts_with(scheme) ? authorization.substr(scheme.size()) : "";
}

struct HttpListener::Served {
    std::string certificateFile;
    Context::Ptr context;  // none without TLS
    ServerSocket socket;
    std::unique_ptr<HTTPServer> server;
    std::string host;
};

HttpListener::HttpListener(const std::string& what, const Place& place, Answer answer)
    : served_(std::make_unique<Served>()) {
    try {
        const SocketAddress address(place.listen.host, place.listen.port);
        served_->host = place.listen.host;
        served_->certificateFile = place.certificateFile;
        if (place.tls) {
            served_->context = contextOf(place.certificateFile);
            served_->socket = SecureServerSocket(address, waiting, served_->context);
        } else {
            served_->socket = ServerSocket(address, waiting);
        }
        HTTPServerParams::Ptr params(new HTTPServerParams);
        params->setKeepAlive(false);
        params->setTimeout(patience);
        params->setMaxThreads(atOnce);
        params->setMaxQueued(waiting);
        served_->server =
            std::make_unique<HTTPServer>(new Pages(std::move(answer)), served_->socket, params);
        served_->server->start();
    } catch (const Poco::Exception& error) {
        throw Error(ErrorCode::unavailable,
                    what + " at " + place.listen.text() + ": " + printable(error.displayText()));
    }
}

HttpListener::~HttpListener() {
    stop();
}

void HttpListener::reload() {
    if (!served_->context) return;
    SSL_CTX* const context = served_->context->sslContext();
    const char* const file = served_->certificateFile.c_str();
    if (::SSL_CTX_use_certificate_chain_file(context, file) != 1 ||
        ::SSL_CTX_use_PrivateKey_file(context, file, SSL_FILETYPE_PEM) != 1) {
        throw Error(ErrorCode::invalidArgument, "the certificate for HTTPS cannot be read");
    }
}

Endpoint HttpListener::listening() const {
    return {served_->host, served_->socket.address().port()};
}

void HttpListener::stop() {
    served_->server->stopAll(true);
}

}  // namespace coffer
