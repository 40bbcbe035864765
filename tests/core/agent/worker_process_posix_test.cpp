#include "core/agent/worker_process.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>
#include <vector>

#include "core/base/threads.h"
#include "tests/support/expect_error.h"
#include "tests/support/scratch_folder.h"

namespace coffer {
namespace {

using namespace std::chrono_literals;
using Kind = WorkerEvent::Kind;

/// Small shell scripts as workers.
class WorkerProcessTest : public testing::Test {
  protected:
    WorkerProcessTest() { ::signal(SIGPIPE, SIG_IGN); }

    std::unique_ptr<WorkerProcess> launch(const std::string& script) {
        const std::string path = scratch_ / "worker";
        std::ofstream(path) << "#!/bin/sh\n" << script << "\n";
        ::chmod(path.c_str(), 0700);
        return makeProcessLauncher(path)->launch();
    }
    // The next thing that is not nothing.
    static WorkerEvent next(WorkerProcess& worker) {
        for (;;) {
            WorkerEvent event = worker.next(60s);
            if (event.kind != Kind::nothing) return event;
        }
    }
    // All lines of one kind until the end.
    static std::vector<std::string> linesOf(WorkerProcess& worker, Kind kind) {
        std::vector<std::string> lines;
        for (;;) {
            WorkerEvent event = next(worker);
            if (event.kind == Kind::ended) return lines;
            if (event.kind == kind) lines.push_back(event.text);
        }
    }

    ScratchFolder scratch_;
};

using Lines = std::vector<std::string>;

TEST_F(WorkerProcessTest, GivesOutWhatIsWrittenAndThenTheEnd) {
    auto worker = launch("echo one; echo two; printf three; exit 3");
    EXPECT_EQ(linesOf(*worker, Kind::report), (Lines{"one", "two", "three"}));
    EXPECT_EQ(worker->ending(), "exit code 3");
    EXPECT_EQ(worker->next(0ms).kind, Kind::ended);
}

TEST_F(WorkerProcessTest, TellsRemarksApart) {
    auto worker = launch("echo said; echo thought >&2");
    EXPECT_EQ(linesOf(*worker, Kind::remark), (Lines{"thought"}));
}

TEST_F(WorkerProcessTest, SendsLinesAndTheEnd) {
    auto worker = launch("while read line; do echo \"got $line\"; done; echo over");
    worker->send("one\n");
    EXPECT_EQ(next(*worker).text, "got one");
    worker->send("two\n");
    EXPECT_EQ(next(*worker).text, "got two");
    worker->closeInput();
    EXPECT_EQ(next(*worker).text, "over");
    EXPECT_EQ(next(*worker).kind, Kind::ended);
}

TEST_F(WorkerProcessTest, SendsMoreThanAPipeHolds) {
    auto worker = launch("wc -c | tr -d ' '");
    worker->send(std::string(5 << 20, 'x'));
    worker->closeInput();
    EXPECT_EQ(linesOf(*worker, Kind::report), (Lines{std::to_string(5 << 20)}));
}

TEST_F(WorkerProcessTest, AWorkerThatTakesNoInputIsNoTrouble) {
    auto worker = launch("exec <&-; echo ready; read line");
    EXPECT_EQ(next(*worker).text, "ready");
    worker->send(std::string(1 << 20, 'x'));
    worker->closeInput();
    EXPECT_EQ(next(*worker).kind, Kind::ended);
}

TEST_F(WorkerProcessTest, EndsByASignal) {
    auto worker = launch("echo ready; exec sleep 1000");
    EXPECT_EQ(next(*worker).text, "ready");
    worker->terminate();
    EXPECT_EQ(next(*worker).kind, Kind::ended);
    EXPECT_EQ(worker->ending().substr(0, 9), "signal 15");

    worker = launch("trap '' TERM; echo ready; while :; do sleep 1000; done");
    EXPECT_EQ(next(*worker).text, "ready");
    worker->terminate();
    worker->kill();
    EXPECT_EQ(next(*worker).kind, Kind::ended);
    EXPECT_EQ(worker->ending().substr(0, 8), "signal 9");
}

TEST_F(WorkerProcessTest, StartsWithoutBlockedOrIgnoredSignals) {
    sigset_t blocked{};
    sigset_t before{};
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &blocked, &before);
    auto worker = launch("sed -n 's/^Sig\\(Blk\\|Ign\\):\t//p' /proc/self/status");
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    const Lines masks = linesOf(*worker, Kind::report);
    ASSERT_EQ(masks.size(), 2u);
    constexpr unsigned long long ours = 0x7fffffff;  // not those that the C library keeps to itself
    for (const std::string& mask : masks) EXPECT_EQ(std::stoull(mask, nullptr, 16) & ours, 0u);
}

TEST_F(WorkerProcessTest, InheritsItsStreamsAlone) {
    std::ifstream open("/dev/null");
    auto worker = launch("echo $(ls /proc/self/fd)");
    // The three streams, and the one by which ls looks.
    EXPECT_EQ(linesOf(*worker, Kind::report), (Lines{"0 1 2 3"}));
}

TEST_F(WorkerProcessTest, CutsALineWithoutEnd) {
    auto worker = launch("head -c 5000000 /dev/zero | tr '\\0' x");
    const WorkerEvent event = next(*worker);
    EXPECT_EQ(event.kind, Kind::report);
    EXPECT_TRUE(event.cut);
    EXPECT_EQ(event.text.size(), std::size_t{4} << 20);
    EXPECT_EQ(next(*worker).kind, Kind::ended);
}

TEST_F(WorkerProcessTest, DoesNotWaitForWhoeverInheritedItsOutput) {
    auto worker = launch("sleep 1000 & echo $!; exit 0");
    const WorkerEvent event = next(*worker);
    EXPECT_EQ(next(*worker).kind, Kind::ended);
    ::kill(std::stoi(event.text), SIGKILL);
}

TEST_F(WorkerProcessTest, WakesUpFromAnotherThread) {
    auto worker = launch("read line");
    ThreadScope other;
    other.start([&] { worker->wake(); });
    EXPECT_EQ(worker->next(600s).kind, Kind::nothing);
    other.join();
    EXPECT_EQ(worker->next(0ms).kind, Kind::nothing);
}

TEST_F(WorkerProcessTest, DestructionEndsIt) {
    const std::string file = scratch_ / "pid";
    auto worker = launch("echo $$; exec sleep 1000");
    const int process = std::stoi(next(*worker).text);
    worker.reset();
    EXPECT_NE(::kill(process, 0), 0);
}

TEST_F(WorkerProcessTest, SaysWhenThereIsNoProgram) {
    expectError(
        ErrorCode::notFound, [&] { makeProcessLauncher(scratch_ / "none")->launch(); }, "none");
}

}  // namespace
}  // namespace coffer
