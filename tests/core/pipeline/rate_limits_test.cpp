#include "core/pipeline/rate_limits.h"

#include <gtest/gtest.h>

#include "core/source/memory_source.h"
#include "core/source/memory_target.h"
#include "tests/core/pipeline/pipeline_fixture.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

using namespace std::chrono_literals;

/// Time passes where somebody waits for it, and nowhere else.
class RateLimitsTest : public testing::Test {
  protected:
    struct WaitedClock : Clock {
        mutable Guarded<std::int64_t> waited{std::int64_t{0}};
        Timestamp now() const override {
            return Timestamp{1'700'000'000, 0} +
                   waited.with([](const std::int64_t& nanoseconds) { return nanoseconds; });
        }
    };

    RateLimitsTest() {
        source_.addFolder("/data");
        source_.addFile("/data/a", noise(3'000'000, 1));
        source_.addFile("/data/b", noise(1'000'000, 2));
        source_.addFile("/data/c", bytesOf("small"));
    }

    Rates rates(const char* read, const char* transfer) {
        Rates rates;
        if (read) rates.read = BandwidthSchedule::parse(read);
        if (transfer) rates.transfer = BandwidthSchedule::parse(transfer);
        return rates;
    }
    Snapshot backup(RateLimits& limits) {
        BackupRequest request;
        request.paths = {"/data"};
        WriteSession session(*fixture_.repository, fixture_.agent.id, {});
        return fixture_.backup(limits.on(source_), request, limits.on(session));
    }
    double seconds() {
        return waited_.waited.with([](std::int64_t& time) { return double(time) / 1e9; });
    }

    PipelineFixture fixture_;
    MemorySource source_;
    WaitedClock waited_;
    Pause pause_ = [this](std::chrono::nanoseconds time) {
        fixture_.cancel.check();
        waited_.waited.with([&](std::int64_t& waited) { waited += time.count(); });
    };
};

TEST_F(RateLimitsTest, WithoutRatesNothingIsHeldUp) {
    RateLimits limits({}, waited_, pause_);
    EXPECT_EQ(&limits.on(source_), &source_);
    EXPECT_EQ(backup(limits).statistics.readBytes, 4'000'005U);
    EXPECT_EQ(seconds(), 0);
}

TEST_F(RateLimitsTest, FilesAreReadAtTheirRateByAllThreadsTogether) {
    RateLimits limits(rates("1M", nullptr), waited_, pause_);
    EXPECT_EQ(backup(limits).statistics.readBytes, 4'000'005U);
    EXPECT_GT(seconds(), 3.6);
}

TEST_F(RateLimitsTest, PacksAreSentAtTheirRate) {
    RateLimits limits(rates(nullptr, "500K"), waited_, pause_);
    const double stored = double(backup(limits).statistics.storedBytes);
    EXPECT_GT(stored, 4e6);
    EXPECT_GT(seconds(), stored / 500'000 - 0.5);
}

TEST_F(RateLimitsTest, BlocksAreFetchedAtTheirRate) {
    RateLimits none({}, waited_, pause_);
    const Snapshot snapshot = backup(none);
    RateLimits limits(rates(nullptr, "2M"), waited_, pause_);
    ReadSession session(*fixture_.repository);
    MemoryTarget target;
    RunProgress run;
    ProblemLog log;
    runRestore(limits.on(session), fixture_.domainKey(), fixture_.node(snapshot, "/data"), target,
               {}, run, log, fixture_.cancel);
    EXPECT_EQ(target.content("a"), noise(3'000'000, 1));
    EXPECT_GT(seconds(), 1.6);
}

TEST_F(RateLimitsTest, ARequestToStopEndsTheWaiting) {
    RateLimits limits(rates("1", nullptr), waited_, [this](std::chrono::nanoseconds time) {
        fixture_.cancel.request();
        pause_(time);
    });
    expectError(ErrorCode::cancelled, [&] { backup(limits); });
}

}  // namespace
}  // namespace coffer
