#include "core/service/connection_cutter.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace coffer {
namespace {

using std::chrono::steady_clock;

struct ConnectionCutterTest : testing::Test {
    ConnectionCutterTest() {
        std::array<int, 2> ends{};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
        here = UniqueFd(ends[0]);
        there = UniqueFd(ends[1]);
    }

    // What comes out of our end, waiting for it; nothing when it was cut.
    std::string received() const {
        char octet = 0;
        return ::read(here.get(), &octet, 1) == 1 ? std::string(1, octet) : "";
    }

    UniqueFd here;
    UniqueFd there;
};

TEST_F(ConnectionCutterTest, EndsWhoeverWaitsWhenTheTimeIsOver) {
    ConnectionCutter cutter(steady_clock::now() + std::chrono::milliseconds(1));
    cutter.watch(here.get());
    EXPECT_EQ(received(), "");  // would wait for ever
}

TEST_F(ConnectionCutterTest, EndsWhatIsWatchedTooLate) {
    ConnectionCutter cutter(steady_clock::now() - std::chrono::seconds(1));
    cutter.watch(here.get());
    EXPECT_EQ(received(), "");
}

TEST_F(ConnectionCutterTest, LeavesAloneWhatIsInTime) {
    {
        ConnectionCutter cutter(steady_clock::now() + std::chrono::hours(1));
        cutter.watch(here.get());
    }
    ASSERT_EQ(::write(there.get(), "x", 1), 1);
    EXPECT_EQ(received(), "x");
}

}  // namespace
}  // namespace coffer
