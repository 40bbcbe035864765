#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string_view>

#include "core/base/error.h"
#include "core/base/unique_fd.h"
#include "core/service/stop_signal.h"

namespace coffer {

namespace {

constexpr int requestSignal = SIGUSR1;  // one of another number would be lost in a SIGTERM

sigset_t ourSignals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, requestSignal}) sigaddset(&set, signal);
    return set;
}

// A datagram to the service manager. It may be gone or slow: nothing depends on it.
void notify(std::string_view message) {
    const char* path = std::getenv("NOTIFY_SOCKET");
    const std::string_view name = path ? path : "";
    sockaddr_un address{};
    if (name.size() < 2 || name.size() > sizeof address.sun_path ||
        (name.front() != '/' && name.front() != '@')) {
        return;
    }
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    if (name.front() == '@') address.sun_path[0] = '\0';  // an abstract name
    const UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!socket) return;
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    ::sendto(socket.get(), message.data(), message.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
             reinterpret_cast<const sockaddr*>(&address), length);
}

}  // namespace

struct StopSignal::Before {
    sigset_t mask;
    struct sigaction pipe;
};

StopSignal::StopSignal() : before_(std::make_unique<Before>()) {
    const sigset_t signals = ourSignals();
    if (const int number = pthread_sigmask(SIG_BLOCK, &signals, &before_->mask)) {
        throw Error::fromErrno(number, "block signals");
    }
    struct sigaction ignore {};
    ignore.sa_handler = SIG_IGN;
    ::sigaction(SIGPIPE, &ignore, &before_->pipe);
}

StopSignal::~StopSignal() {
    const sigset_t signals = ourSignals();
    const timespec now{};
    while (::sigtimedwait(&signals, nullptr, &now) > 0) {
    }
    ::sigaction(SIGPIPE, &before_->pipe, nullptr);
    pthread_sigmask(SIG_SETMASK, &before_->mask, nullptr);
}

int StopSignal::wait(const std::function<void()>& reload) {
    const sigset_t signals = ourSignals();
    for (;;) {
        const int signal = ::sigwaitinfo(&signals, nullptr);
        if (signal < 0 && errno == EINTR) continue;
        if (signal < 0) throw Error::fromErrno(errno, "wait for signals");
        if (signal != SIGHUP) return signal;
        if (reload) reload();
    }
}

void StopSignal::ready() {
    notify("READY=1");
}

void StopSignal::stopping() {
    notify("STOPPING=1");
}

void StopSignal::request() {
    ::kill(::getpid(), requestSignal);
}

bool StopSignal::isRequest(int signal) {
    return signal == requestSignal;
}

bool StopSignal::isPending() {
    sigset_t pending;
    sigemptyset(&pending);
    ::sigpending(&pending);
    return sigismember(&pending, SIGTERM) == 1 || sigismember(&pending, SIGINT) == 1;
}

}  // namespace coffer
