#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>

#include "core/base/threads.h"
#include "core/console/exit_codes.h"
#include "core/console/process.h"

namespace coffer {

namespace {

CancelToken stopRequest;

extern "C" void stopHandler(int) {
    if (stopRequest.requested()) ::_exit(exitCancelled);
    stopRequest.request();
}

// A file opened later must not take the place of a stream and get its output. The stand-in cannot
// be used in the stream's direction, so using it still is an error.
void fillClosedStreams() {
    for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; ++stream) {
        if (::fcntl(stream, F_GETFD) >= 0) continue;
        const int standIn = ::open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);
        if (standIn != stream) ::_exit(exitFailed);
    }
}

void raiseFileLimit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

// Left to itself glibc raises its thresholds with every large buffer freed, and a million small
// files then leave a third of the heap in holes. Each arena has holes of its own: with one on
// two cores such a backup takes 119 MB, with one for each thread 156.
void limitHeap() {
#ifdef __GLIBC__
    ::mallopt(M_MMAP_THRESHOLD, 4 << 20);
    ::mallopt(M_TRIM_THRESHOLD, 16 << 20);
    ::mallopt(M_ARENA_MAX, static_cast<int>((availableCores() + 1) / 2));
#endif
}

}  // namespace

void prepareProcess() {
    fillClosedStreams();
    ::signal(SIGPIPE, SIG_IGN);
    raiseFileLimit();
    limitHeap();
}

CancelToken& stopOnSignals() {
    struct sigaction action {};
    action.sa_handler = stopHandler;
    action.sa_flags = SA_RESTART;
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
        struct sigaction before {};
        ::sigaction(number, nullptr, &before);
        if (before.sa_handler != SIG_IGN) ::sigaction(number, &action, nullptr);
    }
    return stopRequest;
}

void pauseFor(std::chrono::milliseconds time) {
    ::poll(nullptr, 0, static_cast<int>(time.count()));
}

}  // namespace coffer
