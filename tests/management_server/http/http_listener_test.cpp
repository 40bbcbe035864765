#include "management_server/http/http_listener.h"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace coffer {
namespace {

/// Status of the answer; 0 when there is none.
int get(const Endpoint& server, const std::string& path) {
    try {
        Poco::Net::HTTPClientSession session(server.host, server.port);
        Poco::Net::HTTPRequest request("GET", path);
        session.sendRequest(request);
        Poco::Net::HTTPResponse response;
        session.receiveResponse(response);
        return response.getStatus();
    } catch (const Poco::Exception&) {
        return 0;
    }
}

TEST(HttpListener, StoppingWaitsForAnswersUnderWay) {
    std::promise<void> begun;
    std::promise<Endpoint> listening;
    std::atomic<bool> done = false;
    HttpListener listener("test", {.listen = {"127.0.0.1", 0}, .certificateFile = {}},
                          [&, at = listening.get_future().share()](const HttpRequest& request) {
                              if (request.path == "/other") return HttpAnswer{};
                              begun.set_value();
                              // Until it is being stopped.
                              while (get(at.get(), "/other") == 200) continue;
                              done = true;
                              return HttpAnswer{};
                          });
    listening.set_value(listener.listening());
    const auto caller =
        std::async(std::launch::async, [&] { return get(listener.listening(), "/slow"); });
    begun.get_future().wait();
    listener.stop();
    EXPECT_TRUE(done);
}

TEST(HttpListener, CutsOffWhoNeverComesToAnEnd) {
    HttpListener listener(
        "test",
        {.listen = {"127.0.0.1", 0}, .certificateFile = {}, .longest = std::chrono::seconds(1)},
        [](const HttpRequest&) { return HttpAnswer{}; });
    const Endpoint at = listener.listening();
    Poco::Net::StreamSocket caller(Poco::Net::SocketAddress(at.host, at.port));
    // Empty lines before a request are passed over, however many come.
    const auto dribble = [&] {
        while (caller.sendBytes("\n", 1) == 1) continue;
    };
    EXPECT_THROW(dribble(), Poco::Exception);
}

TEST(HttpListener, TakesTheSchemeOfATokenHoweverItIsWritten) {
    for (const char* text : {"Bearer t", "bearer t", "BEARER t"}) EXPECT_EQ(bearerOf(text), "t");
    for (const char* text : {"", "Bearer", "Basic t", "Bearert"}) EXPECT_EQ(bearerOf(text), "");
}

}  // namespace
}  // namespace coffer
