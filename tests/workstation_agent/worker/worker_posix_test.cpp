#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "core/agent/worker_pipe.h"
#include "core/agent/worker_process.h"
#include "tests/support/expect_error.h"
#include "tests/support/scratch_folder.h"
#include "workstation_agent/worker/worker_input.h"

namespace coffer {
namespace {

using namespace std::chrono_literals;
using Kind = WorkerEvent::Kind;
using Said = WorkerInput::Said;

/// A pipe to a WorkerInput.
class WorkerInputTest : public testing::Test {
  protected:
    WorkerInputTest() { EXPECT_EQ(::pipe(ends_), 0); }
    ~WorkerInputTest() override {
        ::close(ends_[0]);
        hangUp();
    }
    void say(const std::string& text) {
        EXPECT_EQ(::write(ends_[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
    }
    void hangUp() {
        if (ends_[1] >= 0) ::close(ends_[1]);
        ends_[1] = -1;
    }

    int ends_[2] = {-1, -1};
};

TEST_F(WorkerInputTest, GivesTheOrderAndWhatFollows) {
    WorkerInput input(ends_[0]);
    say("the order\nwhat is this\n");
    EXPECT_EQ(input.order(), "the order");
    EXPECT_EQ(input.next(0ms), Said::nothing);
    EXPECT_EQ(input.next(0ms), Said::nothing);
    say("cancel\n");
    EXPECT_EQ(input.next(60s), Said::cancel);
    hangUp();
    EXPECT_EQ(input.next(60s), Said::end);
    EXPECT_EQ(input.next(60s), Said::end);
}

TEST_F(WorkerInputTest, WithoutAnOrderThereIsNothingToDo) {
    WorkerInput input(ends_[0]);
    say("half an or");
    hangUp();
    expectError(ErrorCode::invalidArgument, [&] { input.order(); });
}

/// The program itself, without a server.
class WorkerProgramTest : public testing::Test {
  protected:
    WorkerProgramTest() { ::signal(SIGPIPE, SIG_IGN); }

    static WorkerEvent next(WorkerProcess& worker, Kind kind) {
        for (;;) {
            WorkerEvent event = worker.next(60s);
            if (event.kind == kind || event.kind == Kind::ended) return event;
        }
    }
    static std::optional<WorkerResult> resultOf(WorkerProcess& worker) {
        for (;;) {
            const WorkerEvent event = next(worker, Kind::report);
            if (event.kind == Kind::ended) return std::nullopt;
            const WorkerReport report = decodeReport(event.text);
            if (const auto* result = std::get_if<WorkerResult>(&report)) return *result;
        }
    }

    std::unique_ptr<WorkerProcess> worker_ = makeProcessLauncher(COFFER_WORKER)->launch();
};

TEST_F(WorkerProgramTest, AnOrderThatIsNoneIsAFailure) {
    worker_->send("{\"run\":1}\n");
    const auto result = resultOf(*worker_);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->outcome, "failed");
    EXPECT_EQ(next(*worker_, Kind::ended).kind, Kind::ended);
    EXPECT_EQ(worker_->ending(), "exit code 0");
}

TEST_F(WorkerProgramTest, APipeThatIsCutBeforeTheOrderIsAFailure) {
    worker_->send("{\"run\"");
    worker_->closeInput();
    const auto result = resultOf(*worker_);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->outcome, "failed");
}

TEST_F(WorkerProgramTest, WithoutCertificatesItFails) {
    WorkerOrder order;
    order.run = order.attempt = 1;
    order.kind = "backup";
    order.store = "localhost:1";
    order.authorityFile = order.identityFile = "/nonexistent/file";
    order.agent = AgentIdentity::random();
    order.what = {"/"};
    worker_->send(order.encode());
    const auto result = resultOf(*worker_);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->outcome, "failed");
    EXPECT_NE(result->message.find("/nonexistent/file"), std::string::npos) << result->message;
}

}  // namespace
}  // namespace coffer
