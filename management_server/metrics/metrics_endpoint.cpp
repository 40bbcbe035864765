#include "management_server/metrics/metrics_endpoint.h"

#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/NetSSL.h>
#include <Poco/Net/SecureServerSocket.h>
#include <openssl/crypto.h>
#include <openssl/ssl.h>

#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/printable.h"
#include "management_server/metrics/exposition.h"
#include "management_server/notify/secret_file.h"

namespace coffer {

namespace {

using namespace Poco::Net;

constexpr int atOnce = 4;
constexpr int waiting = 16;
const Poco::Timespan patience{10, 0};

// Takes as long whatever the word is.
bool isToken(const std::string& word, const std::string& token) {
    const Digest given = sha256(bytesOf(word));
    const Digest wanted = sha256(bytesOf(token));
    return ::CRYPTO_memcmp(given.bytes.data(), wanted.bytes.data(), wanted.bytes.size()) == 0;
}

class Page : public HTTPRequestHandler {
  public:
    Page(const std::string& token, const MetricsEndpoint::Text& text)
        : token_(token), text_(text) {}

    void handleRequest(HTTPServerRequest& request, HTTPServerResponse& response) override {
        response.setKeepAlive(false);
        const std::string& method = request.getMethod();
        if (!token_.empty() && !isToken(request.get("Authorization", ""), "Bearer " + token_)) {
            response.set("WWW-Authenticate", "Bearer");
            return answer(response, HTTPResponse::HTTP_UNAUTHORIZED, "a token is needed\n");
        }
        if (method != HTTPRequest::HTTP_GET && method != HTTPRequest::HTTP_HEAD) {
            return answer(response, HTTPResponse::HTTP_METHOD_NOT_ALLOWED, "GET alone\n");
        }
        const std::string& uri = request.getURI();
        if (uri.substr(0, uri.find('?')) != "/metrics") {
            return answer(response, HTTPResponse::HTTP_NOT_FOUND, "only /metrics\n");
        }
        response.setContentType(Exposition::contentType);
        answer(response, HTTPResponse::HTTP_OK, *text_());
    }

  private:
    static void answer(HTTPServerResponse& response, HTTPResponse::HTTPStatus status,
                       const std::string& text) {
        response.setStatusAndReason(status);
        if (response.getContentType() == HTTPMessage::UNKNOWN_CONTENT_TYPE) {
            response.setContentType("text/plain");
        }
        response.sendBuffer(text.data(), text.size());
    }

    const std::string& token_;
    const MetricsEndpoint::Text& text_;
};

class Pages : public HTTPRequestHandlerFactory {
  public:
    Pages(std::string token, MetricsEndpoint::Text text)
        : token_(std::move(token)), text_(std::move(text)) {}

    HTTPRequestHandler* createRequestHandler(const HTTPServerRequest&) override {
        return new Page(token_, text_);
    }

  private:
    const std::string token_;
    const MetricsEndpoint::Text text_;
};

Context::Ptr contextOf(const std::string& certificateFile) {
    initializeSSL();
    Context::Ptr context(new Context(Context::TLS_SERVER_USE, certificateFile, certificateFile, "",
                                     Context::VERIFY_NONE));
    ::SSL_CTX_set_min_proto_version(context->sslContext(), TLS1_2_VERSION);
    return context;
}

}  // namespace

struct MetricsEndpoint::Served {
    std::string certificateFile;
    Context::Ptr context;  // none without TLS
    ServerSocket socket;
    std::unique_ptr<HTTPServer> server;
    std::string host;
};

MetricsEndpoint::MetricsEndpoint(const MetricsSettings& settings,
                                 const std::string& certificateFile, Text text)
    : served_(std::make_unique<Served>()) {
    const std::string token = settings.tokenFile.empty() ? "" : readSecretFile(settings.tokenFile);
    try {
        const SocketAddress address(settings.listen.host, settings.listen.port);
        served_->host = settings.listen.host;
        served_->certificateFile = certificateFile;
        if (settings.tls) {
            served_->context = contextOf(certificateFile);
            served_->socket = SecureServerSocket(address, waiting, served_->context);
        } else {
            served_->socket = ServerSocket(address, waiting);
        }
        HTTPServerParams::Ptr params(new HTTPServerParams);
        params->setKeepAlive(false);
        params->setTimeout(patience);
        params->setMaxThreads(atOnce);
        params->setMaxQueued(waiting);
        served_->server = std::make_unique<HTTPServer>(new Pages(token, std::move(text)),
                                                       served_->socket, params);
        served_->server->start();
    } catch (const Poco::Exception& error) {
        throw Error(ErrorCode::unavailable,
                    "metrics at " + settings.listen.text() + ": " + printable(error.displayText()));
    }
}

MetricsEndpoint::~MetricsEndpoint() {
    stop();
}

void MetricsEndpoint::reload() {
    if (!served_->context) return;
    SSL_CTX* const context = served_->context->sslContext();
    const char* const file = served_->certificateFile.c_str();
    if (::SSL_CTX_use_certificate_chain_file(context, file) != 1 ||
        ::SSL_CTX_use_PrivateKey_file(context, file, SSL_FILETYPE_PEM) != 1) {
        throw Error(ErrorCode::invalidArgument, "the certificate for metrics cannot be read");
    }
}

Endpoint MetricsEndpoint::listening() const {
    return {served_->host, served_->socket.address().port()};
}

void MetricsEndpoint::stop() {
    served_->server->stopAll(true);
}

}  // namespace coffer
