#include "core/agent/hook_process.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

#include "core/agent/child_pipe_posix.h"
#include "core/agent/child_process_posix.h"
#include "core/agent/hook_output.h"
#include "core/base/error.h"
#include "core/base/unique_fd.h"

namespace coffer {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds lookAround{100};
constexpr std::size_t readSize = std::size_t{64} << 10;
constexpr std::size_t mostAfterEnd = std::size_t{2} << 20;  // more than a pipe holds

UniqueFd openNothing() {
    UniqueFd nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (!nothing) throw Error::fromErrno(errno, "open /dev/null");
    return aboveStreams(std::move(nothing));
}

/// One hook while it runs.
class RunningHook {
  public:
    explicit RunningHook(const HookCall& call) : RunningHook(call, ChildPipe(), openNothing()) {}

    HookEnd run() {
        while (!ended_ && step_ < givenUp) {
            escalate();
            wait();
        }
        HookEnd end;
        end.succeeded = why_.empty() && child_.exitedWithSuccess();
        end.how = why_.empty() ? child_.ending() : why_;
        end.lines = output_.lines();
        end.octets = output_.octets();
        return end;
    }

  private:
    RunningHook(const HookCall& call, ChildPipe pipe, const UniqueFd& nothing)
        : call_(call),
          child_({call.words, call.environment}, nothing.get(), pipe.write.get(), pipe.write.get()),
          outputEnd_(std::move(pipe.read)),
          begun_(steady_clock::now()),
          deadline_(begun_ + call.timeLimit) {
        doNotBlock(outputEnd_);
    }

    // A step further each time that it has not ended by then.
    void escalate() {
        const auto now = steady_clock::now();
        if (step_ == 0) {
            deadline_ = std::min(deadline_, now + call_.patience());
            if (now < deadline_) return;
            const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - begun_);
            why_ = now - begun_ < call_.timeLimit
                       ? "stopped before its time was over"
                       : "stopped after " + std::to_string(seconds.count()) + " s, its time limit";
        }
        if (now < deadline_) return;
        child_.signalGroup(step_ == 0 ? SIGTERM : SIGKILL);
        deadline_ = now + call_.grace;
        ++step_;
    }

    void wait() {
        std::array<pollfd, 2> all{
            {{child_.descriptor(), POLLIN, 0}, {outputEnd_.get(), POLLIN, 0}}};
        const auto left = std::chrono::ceil<milliseconds>(deadline_ - steady_clock::now());
        const auto patience = std::clamp(left, milliseconds(0), lookAround);
        if (::poll(all.data(), all.size(), static_cast<int>(patience.count())) < 0) {
            if (errno == EINTR) return;
            throw Error::fromErrno(errno, "wait for a hook");
        }
        if (all[1].revents != 0) readSome();
        if (all[0].revents == 0) return;
        child_.signalGroup(SIGKILL);  // while its number is still taken
        ended_ = child_.ended();
        for (std::size_t read = 0; read < mostAfterEnd && readSome();) read += readSize;
    }

    // False at the end, or when there is nothing just now.
    bool readSome() {
        if (!outputEnd_) return false;
        std::array<std::uint8_t, readSize> buffer;
        const ssize_t got = ::read(outputEnd_.get(), buffer.data(), buffer.size());
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) return false;
        if (got <= 0) {
            outputEnd_.close();
            return false;
        }
        output_.feed({buffer.data(), static_cast<std::size_t>(got)});
        return true;
    }

    const HookCall& call_;
    ChildProcess child_;
    UniqueFd outputEnd_;
    HookOutput output_;
    const steady_clock::time_point begun_;
    steady_clock::time_point deadline_;
    static constexpr int givenUp = 3;
    int step_ = 0;
    std::string why_;  // it was ended
    bool ended_ = false;
};

}  // namespace

HookEnd runHook(const HookCall& call) {
    return RunningHook(call).run();
}

}  // namespace coffer
