#include <gtest/gtest.h>

#include <csignal>

#include "core/service/stop_signal.h"
#include "workstation_agent/program_start.h"

namespace coffer {
namespace {

void becomeWhile(int signal) {
    const StopSignal stop;
    ::raise(signal);
    becomeProgram("/bin/true", {});
}

TEST(BecomeProgram, outlivesARequestToReload) {
    EXPECT_EXIT(becomeWhile(SIGHUP), testing::ExitedWithCode(0), "");
}

TEST(BecomeProgram, endsByARequestToStop) {
    EXPECT_EXIT(becomeWhile(SIGTERM), testing::KilledBySignal(SIGTERM), "");
}

}  // namespace
}  // namespace coffer
