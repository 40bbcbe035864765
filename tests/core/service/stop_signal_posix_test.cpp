#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "core/base/unique_fd.h"
#include "core/service/stop_signal.h"
#include "tests/support/scratch_folder.h"

namespace coffer {
namespace {

bool isBlocked(int signal) {
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    return sigismember(&mask, signal) == 1;
}

// A signal to the whole process could be taken by a thread of the test framework.
void raiseHere(int signal) {
    pthread_kill(pthread_self(), signal);
}

TEST(StopSignal, WaitsForTheFirst) {
    StopSignal stop;
    raiseHere(SIGTERM);
    EXPECT_EQ(stop.wait(), SIGTERM);
    raiseHere(SIGINT);
    EXPECT_EQ(stop.wait(), SIGINT);
}

TEST(StopSignal, TellsARequestFromASignal) {
    StopSignal stop;
    raiseHere(SIGUSR1);
    EXPECT_FALSE(StopSignal::isPending());
    EXPECT_TRUE(StopSignal::isRequest(stop.wait()));
    raiseHere(SIGTERM);
    raiseHere(SIGUSR1);
    EXPECT_TRUE(StopSignal::isRequest(stop.wait()));
    EXPECT_TRUE(StopSignal::isPending());
    EXPECT_FALSE(StopSignal::isRequest(stop.wait()));
}

TEST(StopSignal, ReloadsAndGoesOnWaiting) {
    StopSignal stop;
    int reloads = 0;
    raiseHere(SIGHUP);
    EXPECT_EQ(stop.wait([&] {
        ++reloads;
        raiseHere(reloads < 3 ? SIGHUP : SIGTERM);
    }),
              SIGTERM);
    EXPECT_EQ(reloads, 3);
}

TEST(StopSignal, DropsWhatComesLaterAndPutsAllBack) {
    {
        StopSignal stop;
        EXPECT_TRUE(isBlocked(SIGTERM));
        raiseHere(SIGTERM);
        EXPECT_EQ(stop.wait(), SIGTERM);
        raiseHere(SIGTERM);
        raiseHere(SIGHUP);
    }
    EXPECT_FALSE(isBlocked(SIGTERM));
    EXPECT_FALSE(isBlocked(SIGHUP));
}

TEST(StopSignal, SurvivesBrokenPipes) {
    const StopSignal stop;
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    const UniqueFd in(ends[1]);
    UniqueFd out(ends[0]);
    out = UniqueFd();
    EXPECT_EQ(::write(in.get(), "x", 1), -1);
    EXPECT_EQ(errno, EPIPE);
}

class Notify : public testing::Test {
  protected:
    ~Notify() override { ::unsetenv("NOTIFY_SOCKET"); }

    /// Binds the service manager's end; the first octet of an abstract name is 0.
    void listen(const std::string& name) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, name.data(), name.size());
        const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
        ASSERT_EQ(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    }

    std::string received() {
        std::array<char, 100> text{};
        const ssize_t size = ::recv(socket_.get(), text.data(), text.size(), MSG_DONTWAIT);
        return size < 0 ? "" : std::string(text.data(), static_cast<std::size_t>(size));
    }

    const ScratchFolder folder_;
    UniqueFd socket_{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
};

TEST_F(Notify, TellsTheServiceManager) {
    const std::string path = folder_ / "notify";
    listen(path);
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
    StopSignal::ready();
    EXPECT_EQ(received(), "READY=1");
    StopSignal::stopping();
    EXPECT_EQ(received(), "STOPPING=1");
}

TEST_F(Notify, KnowsAbstractNames) {
    const std::string name = "coffer-test-" + std::to_string(::getpid());
    listen(std::string(1, '\0') + name);
    ::setenv("NOTIFY_SOCKET", ("@" + name).c_str(), 1);
    StopSignal::ready();
    EXPECT_EQ(received(), "READY=1");
}

TEST_F(Notify, IsQuietWithoutOneOrWithABadName) {
    StopSignal::ready();
    for (const std::string& name : {std::string(), std::string("relative"), std::string("/"),
                                    "/" + std::string(200, 'x'), folder_ / "none"}) {
        ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
        EXPECT_NO_THROW(StopSignal::ready());
    }
}

}  // namespace
}  // namespace coffer
