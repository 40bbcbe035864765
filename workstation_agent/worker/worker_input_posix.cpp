#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <thread>

#include "core/agent/worker_pipe.h"
#include "core/base/error.h"
#include "workstation_agent/worker/worker_input.h"

namespace coffer {

namespace {

constexpr std::size_t longestLine = std::size_t{32} << 20;

}  // namespace

WorkerInput::WorkerInput(int descriptor) : descriptor_(descriptor), lines_(longestLine) {}

std::string WorkerInput::order() {
    while (ready_.empty() && !ended_) readSome(-1);
    if (ready_.empty() || ready_.front().cut) {
        throw Error(ErrorCode::invalidArgument, "there is no order on the standard input");
    }
    std::string line = std::move(ready_.front().text);
    ready_.pop_front();
    return line;
}

WorkerInput::Said WorkerInput::next(std::chrono::milliseconds patience) {
    if (ready_.empty() && !ended_) readSome(static_cast<int>(patience.count()));
    while (!ready_.empty()) {
        const std::string line = std::move(ready_.front().text) + "\n";
        ready_.pop_front();
        if (line == cancelLine) return Said::cancel;
    }
    return ended_ ? Said::end : Said::nothing;
}

bool WorkerInput::readSome(int patienceMs) {
    pollfd input{descriptor_, POLLIN, 0};
    if (::poll(&input, 1, patienceMs) <= 0) return false;
    std::array<std::uint8_t, 64 << 10> buffer;
    const ssize_t got = ::read(descriptor_, buffer.data(), buffer.size());
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) return false;
    if (got <= 0) {
        ended_ = true;
        return false;
    }
    lines_.feed({buffer.data(), static_cast<std::size_t>(got)},
                [this](LineSplitter::Line line) { ready_.push_back(std::move(line)); });
    return true;
}

}  // namespace coffer
