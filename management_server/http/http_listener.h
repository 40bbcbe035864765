#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "core/trust/pinned_authority.h"

namespace coffer {

/// What somebody asks over HTTP.
struct HttpRequest {
    std::string method;         // "GET"
    std::string path;           // without the query, as it came
    std::string authorization;  // the header, or empty
    std::string address;        // the peer's, without its port
};

/// What he is told.
struct HttpAnswer {
    int status = 200;
    std::string body;
    std::string contentType = "text/plain";
    std::map<std::string, std::string> headers = {};
};

/// The word behind "Bearer " in an Authorization header; empty when there is none.
std::string bearerOf(const std::string& authorization);

/// A small HTTP server: four callers at a time, sixteen wait, ten seconds for each piece that is
/// awaited and thirty for all of it; what a caller sends beside the headers is passed over. Started
/// and stopped by one thread.
class HttpListener {
  public:
    struct Place {
        Endpoint listen;  // port 0: a free one
        bool tls = false;
        std::string certificateFile;  // certificate and key (PEM), for TLS
        std::chrono::seconds longest{30};
    };

    /// Called by many threads; what it throws is told as status 500.
    using Answer = std::function<HttpAnswer(const HttpRequest&)>;

    /// Listens. Throws Error(unavailable) that names `what` when it cannot.
    HttpListener(const std::string& what, const Place& place, Answer answer);
    ~HttpListener();
    HttpListener(const HttpListener&) = delete;
    HttpListener& operator=(const HttpListener&) = delete;

    /// Takes the certificate anew that has been renewed, for connections from now on.
    void reload();

    /// Where it listens, with the port that was taken.
    Endpoint listening() const;

    /// Waits for answers that are under way. After it Answer is not called any more: who still asks
    /// is told 503, or nothing.
    void stop();

  private:
    struct Served;
    std::unique_ptr<Served> served_;
};

}  // namespace coffer
