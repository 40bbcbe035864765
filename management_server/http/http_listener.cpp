#include "management_server/http/http_listener.h"

#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServerConnection.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/NetSSL.h>
#include <Poco/Net/SecureServerSocket.h>
#include <Poco/Net/TCPServer.h>
#include <Poco/Net/TCPServerConnectionFactory.h>
#include <Poco/String.h>
#include <Poco/ThreadPool.h>
#include <openssl/ssl.h>

#include <string_view>
#include <utility>

#include "core/base/error.h"
#include "core/base/guarded.h"
#include "core/base/printable.h"
#include "core/service/connection_cutter.h"
#include "management_server/http/served_certificate.h"

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

/// Those who are being answered, until nobody is to be any more. Safe to share.
class Desk {
  public:
    explicit Desk(HttpListener::Answer answer) : answer_(std::move(answer)) {}

    HttpAnswer answerTo(const HttpRequest& request) {
        const bool isOpen = state_.with([](State& state) {
            if (!state.isClosed) ++state.underWay;
            return !state.isClosed;
        });
        if (!isOpen) {
            return {HTTPResponse::HTTP_SERVICE_UNAVAILABLE, "the server is stopping\n"};
        }
        const Leaving leaving{state_};
        try {
            return answer_(request);
        } catch (const std::exception&) {
            return {HTTPResponse::HTTP_INTERNAL_SERVER_ERROR, "the server failed\n"};
        }
    }

    /// Nobody is answered from now on; waits for those who are at this moment.
    void close() {
        state_.change([](State& state) { state.isClosed = true; });
        state_.when([](const State& state) { return state.underWay == 0; }, [](State&) {});
    }

  private:
    struct State {
        bool isClosed = false;
        int underWay = 0;
    };
    struct Leaving {
        Guarded<State>& state;
        ~Leaving() {
            state.change([](State& it) { --it.underWay; });
        }
    };

    const HttpListener::Answer answer_;
    Guarded<State> state_;
};

class Page : public HTTPRequestHandler {
  public:
    explicit Page(std::shared_ptr<Desk> desk) : desk_(std::move(desk)) {}

    void handleRequest(HTTPServerRequest& request, HTTPServerResponse& response) override {
        response.setKeepAlive(false);
        passOverBody(request);
        const std::string& uri = request.getURI();
        const HttpAnswer answer = desk_->answerTo(
            {request.getMethod(), uri.substr(0, uri.find('?')), request.get("Authorization", ""),
             request.clientAddress().host().toString()});
        response.setStatusAndReason(static_cast<HTTPResponse::HTTPStatus>(answer.status));
        response.setContentType(answer.contentType);
        for (const auto& [name, value] : answer.headers) response.set(name, value);
        response.sendBuffer(answer.body.data(), answer.body.size());
    }

  private:
    const std::shared_ptr<Desk> desk_;
};

class Pages : public HTTPRequestHandlerFactory {
  public:
    explicit Pages(std::shared_ptr<Desk> desk) : desk_(std::move(desk)) {}

    void hangUp() { serverStopped(this, true); }

    HTTPRequestHandler* createRequestHandler(const HTTPServerRequest&) override {
        return new Page(desk_);
    }

  private:
    const std::shared_ptr<Desk> desk_;
};

/// One caller, who has so long for all that he wants: four who dribble would keep all others away.
class Call : public HTTPServerConnection {
  public:
    Call(const StreamSocket& socket, std::chrono::seconds longest,
         const HTTPServerParams::Ptr& params, const HTTPRequestHandlerFactory::Ptr& pages)
        : HTTPServerConnection(socket, params, pages), longest_(longest) {}

    void run() override {
        ConnectionCutter cutter(std::chrono::steady_clock::now() + longest_);
        cutter.watch(socket().impl()->sockfd());
        HTTPServerConnection::run();
    }

  private:
    const std::chrono::seconds longest_;
};

class Calls : public TCPServerConnectionFactory {
  public:
    Calls(std::chrono::seconds longest, HTTPServerParams::Ptr params,
          HTTPRequestHandlerFactory::Ptr pages)
        : longest_(longest), params_(std::move(params)), pages_(std::move(pages)) {}

    TCPServerConnection* createConnection(const StreamSocket& socket) override {
        return new Call(socket, longest_, params_, pages_);
    }

  private:
    const std::chrono::seconds longest_;
    const HTTPServerParams::Ptr params_;
    const HTTPRequestHandlerFactory::Ptr pages_;
};

Context::Ptr contextOf(ServedCertificate& certificate) {
    Context::Ptr context(new Context(Context::TLS_SERVER_USE, "", "", "", Context::VERIFY_NONE));
    ::SSL_CTX_set_min_proto_version(context->sslContext(), TLS1_2_VERSION);
    certificate.showOn(context->sslContext());
    return context;
}

}  // namespace

std::string bearerOf(const std::string& authorization) {
    constexpr std::string_view scheme = "bearer ";  // written as one likes (RFC 9110)
    const bool isIt = Poco::toLower(authorization.substr(0, scheme.size())) == scheme;
    return isIt ? authorization.substr(scheme.size()) : "";
}

struct HttpListener::Served {
    std::unique_ptr<ServedCertificate> certificate;  // none without TLS
    ServerSocket socket;
    std::shared_ptr<Desk> desk;
    Poco::ThreadPool threads{1, atOnce};  // its end waits for them
    Poco::SharedPtr<Pages> pages;
    std::unique_ptr<TCPServer> server;
    std::string host;
};

HttpListener::HttpListener(const std::string& what, const Place& place, Answer answer)
    : served_(std::make_unique<Served>()) {
    try {
        const SocketAddress address(place.listen.host, place.listen.port);
        served_->host = place.listen.host;
        if (place.tls) {
            initializeSSL();
            served_->certificate = std::make_unique<ServedCertificate>(place.certificateFile);
            served_->socket =
                SecureServerSocket(address, waiting, contextOf(*served_->certificate));
        } else {
            served_->socket = ServerSocket(address, waiting);
        }
        HTTPServerParams::Ptr params(new HTTPServerParams);
        params->setKeepAlive(false);
        params->setTimeout(patience);
        params->setMaxThreads(atOnce);
        params->setMaxQueued(waiting);
        served_->desk = std::make_shared<Desk>(std::move(answer));
        served_->pages = new Pages(served_->desk);
        served_->server =
            std::make_unique<TCPServer>(new Calls(place.longest, params, served_->pages),
                                        served_->threads, served_->socket, params);
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
    if (served_->certificate) served_->certificate->reload();
}

Endpoint HttpListener::listening() const {
    return {served_->host, served_->socket.address().port()};
}

// Poco's server does not wait for whom it is answering.
void HttpListener::stop() {
    served_->desk->close();
    served_->server->stop();
    served_->pages->hangUp();
}

}  // namespace coffer
