#include <Poco/Net/DialogSocket.h>
#include <Poco/Net/ServerSocket.h>
#include <gtest/gtest.h>

#include "core/base/threads.h"
#include "management_server/notify/mail_channel.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

using Texts = std::vector<std::string>;

/// A mail server for so many connections, one after the other.
class FakeMailServer {
  public:
    FakeMailServer() : listener_(Poco::Net::SocketAddress("127.0.0.1", 0)) {}
    ~FakeMailServer() { join(); }
    FakeMailServer(const FakeMailServer&) = delete;
    FakeMailServer& operator=(const FakeMailServer&) = delete;

    std::uint16_t port() const { return listener_.address().port(); }

    void serve(int connections) {
        thread_.start([this, connections] {
            for (int i = 0; i < connections; ++i) {
                if (!listener_.poll({10, 0}, Poco::Net::Socket::SELECT_READ)) return;
                serve(listener_.acceptConnection());
            }
        });
    }
    void join() { thread_.join(); }

    std::map<std::string, std::string> answers;  // to RCPT, by address; to "MAIL"; usual: 250
    Texts taken;                                 // "address: subject"

  private:
    void serve(Poco::Net::DialogSocket client) {
        client.setReceiveTimeout({10, 0});
        client.sendMessage("220 here");
        std::string line;
        std::string to;
        while (client.receiveMessage(line)) {
            std::string answer = "250 OK";
            if (line.starts_with("MAIL") && answers.contains("MAIL")) answer = answers["MAIL"];
            if (line.starts_with("RCPT TO:<")) {
                const std::string address = line.substr(9, line.find('>') - 9);
                to += (to.empty() ? "" : ",") + address;
                if (answers.contains(address)) answer = answers[address];
            }
            if (line == "DATA") {
                client.sendMessage("354 go on");
                while (client.receiveMessage(line) && line != ".") {
                    if (line.starts_with("Subject: ")) taken.push_back(to + ": " + line.substr(9));
                }
            }
            if (line == "QUIT") answer = "221 bye";
            client.sendMessage(answer);
        }
    }

    Poco::Net::ServerSocket listener_;
    ThreadScope thread_;
};

class TaskMail : public testing::Test {
  protected:
    TaskMail()
        : channel(
              {{"127.0.0.1", server.port()}, MailSecurity::none, "", "", "coffer@x", {}, "", {}},
              "", "here", [this](const RecordedEvent&) { return to; }) {}

    void send(int connections, std::uint64_t event = 7) {
        server.serve(connections);
        const Notification news{{.number = event, .kind = "run-ended", .text = "it failed"},
                                Severity::error};
        channel.send({&news, 1});
    }

    FakeMailServer server;
    Texts to = {"ann@x", "gone@x", "bob@x"};
    TaskMailChannel channel;
};

TEST_F(TaskMail, EachGetsAMailOfHisOwn) {
    send(3);
    server.join();
    EXPECT_EQ(server.taken, (Texts{"ann@x: Coffer: it failed", "gone@x: Coffer: it failed",
                                   "bob@x: Coffer: it failed"}));
}

TEST_F(TaskMail, AnAddressThatIsRefusedIsToldAndKeepsNothingFromTheOthers) {
    server.answers["gone@x"] = "550 5.1.1 nobody";
    expectError(
        ErrorCode::permissionDenied, [&] { send(3); }, "gone@x: 550 5.1.1 nobody");
    server.join();
    EXPECT_EQ(server.taken, (Texts{"ann@x: Coffer: it failed", "bob@x: Coffer: it failed"}));
}

TEST_F(TaskMail, OneThatIsNotTakenNowIsTriedAgainAlone) {
    server.answers["gone@x"] = "550 nobody";
    server.answers["bob@x"] = "450 later";
    expectError(
        ErrorCode::busy, [&] { send(3); }, "bob@x: 450 later");
    server.join();
    server.answers.erase("bob@x");
    expectError(
        ErrorCode::permissionDenied, [&] { send(1); }, "gone@x: 550 nobody");
    server.join();
    EXPECT_EQ(server.taken, (Texts{"ann@x: Coffer: it failed", "bob@x: Coffer: it failed"}));
    to = {"ann@x"};
    send(1, 8);
    server.join();
    EXPECT_EQ(server.taken.size(), 3U);
}

TEST_F(TaskMail, ARefusedSenderIsNoMatterOfAnAddress) {
    server.answers["MAIL"] = "553 not from you";
    expectError(
        ErrorCode::unavailable, [&] { send(1); }, "not from you");
}

}  // namespace
}  // namespace coffer
