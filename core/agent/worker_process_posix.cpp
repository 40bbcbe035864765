#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <deque>
#include <utility>

#include "core/agent/child_pipe_posix.h"
#include "core/agent/child_process_posix.h"
#include "core/agent/line_splitter.h"
#include "core/agent/worker_process.h"
#include "core/base/error.h"
#include "core/base/unique_fd.h"
#include "core/codec/secret.h"

namespace coffer {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t longestReport = std::size_t{4} << 20;
constexpr std::size_t longestRemark = 2000;
constexpr std::size_t readSize = std::size_t{64} << 10;
constexpr std::size_t mostAfterEnd = std::size_t{2} << 20;  // more than a pipe holds

/// One of the worker's two output streams.
struct Stream {
    UniqueFd fd;
    WorkerEvent::Kind kind;
    LineSplitter lines;
};

class PosixWorker : public WorkerProcess {
  public:
    explicit PosixWorker(const std::string& program) : PosixWorker(program, {}, {}, {}) {}

    WorkerEvent next(milliseconds patience) override {
        const auto end = steady_clock::now() + patience;
        for (;;) {
            if (!ready_.empty()) {
                WorkerEvent event = std::move(ready_.front());
                ready_.pop_front();
                return event;
            }
            if (ended_) return {WorkerEvent::Kind::ended};
            const auto left = std::chrono::ceil<milliseconds>(end - steady_clock::now());
            if (!wait(std::max(left, milliseconds(0))) && ready_.empty() && !ended_) return {};
        }
    }

    void send(std::string text) override {
        waiting_.push_back(std::move(text));
        writeInput();
    }

    void closeInput() override {
        closing_ = true;
        writeInput();
    }

    void terminate() override { child_.signal(SIGTERM); }
    void kill() override { child_.signal(SIGKILL); }
    std::string ending() const override { return child_.ending(); }

    void wake() override {
        const std::uint64_t one = 1;
        [[maybe_unused]] const ssize_t written = ::write(woken_.get(), &one, sizeof one);
    }

  private:
    PosixWorker(const std::string& program, ChildPipe input, ChildPipe output, ChildPipe remarks)
        : child_({{program}}, input.read.get(), output.write.get(), remarks.write.get()),
          inputEnd_(std::move(input.write)),
          output_{std::move(output.read), WorkerEvent::Kind::report, LineSplitter(longestReport)},
          remarks_{std::move(remarks.read), WorkerEvent::Kind::remark, LineSplitter(longestRemark)},
          woken_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
        if (!woken_) throw Error::fromErrno(errno, "make event");
        doNotBlock(inputEnd_);
        doNotBlock(output_.fd);
        doNotBlock(remarks_.fd);
    }

    // Handles what has happened; false when that was nothing, or wake().
    bool wait(milliseconds patience) {
        const bool writing = !waiting_.empty();
        std::array<pollfd, 5> all{{{child_.descriptor(), POLLIN, 0},
                                   {output_.fd.get(), POLLIN, 0},
                                   {remarks_.fd.get(), POLLIN, 0},
                                   {writing ? inputEnd_.get() : -1, POLLOUT, 0},
                                   {woken_.get(), POLLIN, 0}}};
        const int ms = static_cast<int>(std::min<std::int64_t>(patience.count(), 1'000'000));
        const int count = ::poll(all.data(), all.size(), ms);
        if (count < 0 && errno != EINTR) throw Error::fromErrno(errno, "wait for worker");
        if (count <= 0) return count < 0;
        if (all[1].revents != 0) readSome(output_);
        if (all[2].revents != 0) readSome(remarks_);
        if (all[3].revents != 0) writeInput();
        if (all[0].revents != 0 && child_.ended()) readRest();
        if (all[4].revents == 0) return true;
        std::uint64_t times = 0;
        [[maybe_unused]] const ssize_t got = ::read(woken_.get(), &times, sizeof times);
        return false;
    }

    // False at the end of the stream, or when there is nothing just now.
    bool readSome(Stream& stream) {
        if (!stream.fd) return false;
        std::array<std::uint8_t, readSize> buffer;
        const ssize_t got = ::read(stream.fd.get(), buffer.data(), buffer.size());
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) return false;
        const auto each = [&](LineSplitter::Line line) {
            ready_.push_back({stream.kind, std::move(line.text), line.cut});
        };
        if (got <= 0) {
            stream.lines.finish(each);
            stream.fd.close();
            return false;
        }
        stream.lines.feed({buffer.data(), static_cast<std::size_t>(got)}, each);
        return true;
    }

    // What the process left in its pipes. Who has inherited them may go on for ever: that is cut.
    void readRest() {
        for (Stream* stream : {&output_, &remarks_}) {
            for (std::size_t read = 0; read < mostAfterEnd && readSome(*stream);) read += readSize;
            stream->fd.close();
            stream->lines.finish([&](LineSplitter::Line line) {
                ready_.push_back({stream->kind, std::move(line.text), line.cut});
            });
        }
        ended_ = true;
    }

    void writeInput() {
        while (inputEnd_ && !waiting_.empty()) {
            std::string& text = waiting_.front();
            const ssize_t put = ::write(inputEnd_.get(), text.data() + sent_, text.size() - sent_);
            if (put < 0 && errno == EINTR) continue;
            if (put < 0 && errno == EAGAIN) return;
            // A worker that takes no input any more ends, and that is what counts.
            sent_ = put < 0 ? text.size() : sent_ + static_cast<std::size_t>(put);
            if (sent_ < text.size()) continue;
            wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
            waiting_.pop_front();
            sent_ = 0;
        }
        if (closing_) inputEnd_.close();
    }

    ChildProcess child_;
    UniqueFd inputEnd_;
    Stream output_;
    Stream remarks_;
    UniqueFd woken_;
    std::deque<std::string> waiting_;  // to be sent
    std::size_t sent_ = 0;             // of the first of them
    bool closing_ = false;
    bool ended_ = false;
    std::deque<WorkerEvent> ready_;
};

class ProcessLauncher : public WorkerLauncher {
  public:
    explicit ProcessLauncher(std::string program) : program_(std::move(program)) {}
    std::unique_ptr<WorkerProcess> launch() override {
        return std::make_unique<PosixWorker>(program_);
    }

  private:
    const std::string program_;
};

}  // namespace

std::unique_ptr<WorkerLauncher> makeProcessLauncher(const std::string& program) {
    return std::make_unique<ProcessLauncher>(program);
}

}  // namespace coffer
