// What each decorator adds; that it is a store is in object_store_test.cpp.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "core/base/threads.h"
#include "tests/core/storage/store_fixtures.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

using testing::ElementsAre;

/// Fails the next so many calls before they do anything, or right after they did it.
class FlakyStore : public StoreDecorator {
  private:
    template <class Work>
    auto fail(Work&& work) {
        ++calls;
        if (before > 0 && before--) throw Error::fromErrno(EIO, "flaky");
        auto result = work();
        if (after > 0 && after--) throw Error::fromErrno(EIO, "flaky");
        return result;
    }

  public:
    using StoreDecorator::StoreDecorator;

    int before = 0;
    int after = 0;
    int calls = 0;

    std::unique_ptr<ObjectWriter> create(std::string_view name) override {
        return fail([&] { return inner_.create(name); });
    }
    void put(std::string_view name, ByteView data) override {
        fail([&] { return inner_.put(name, data), 0; });
    }
    void read(std::string_view name, std::uint64_t offset, std::span<std::uint8_t> out) override {
        fail([&] { return inner_.read(name, offset, out), 0; });
    }
    std::optional<std::uint64_t> size(std::string_view name) override {
        return fail([&] { return inner_.size(name); });
    }
    void list(std::string_view prefix,
              const std::function<void(std::string_view, std::uint64_t)>& each) override {
        fail([&] { return inner_.list(prefix, each), 0; });
    }
    void remove(std::string_view name) override {
        fail([&] { return inner_.remove(name), 0; });
    }
};

struct RetryingStoreTest : testing::Test {
    MemoryStore memory;
    FlakyStore flaky{memory};
    RetryingStore store{flaky, {3, {}, {}}, [](std::chrono::nanoseconds) {}};
};

TEST_F(RetryingStoreTest, RepeatsWhatIsSafeToRepeat) {
    flaky.before = 2;
    store.put("a", bytesOf("x"));
    flaky.after = 2;
    store.put("b", bytesOf("y"));
    flaky.before = 2;
    EXPECT_EQ(textOf(readAll(store, "b", 10)), "y");
    flaky.before = 2;
    EXPECT_EQ(store.size("a"), 1U);
    flaky.before = 2;
    const auto writer = store.create("c");
    writer->commit();
    EXPECT_EQ(store.size("c"), 0U);
}

TEST_F(RetryingStoreTest, GivesUpAfterItsAttempts) {
    flaky.before = 3;
    expectError(
        ErrorCode::ioError, [&] { store.put("a", {}); }, "flaky");
    EXPECT_EQ(flaky.calls, 3);
}

TEST_F(RetryingStoreTest, NeverRemovesTwice) {
    store.put("a", {});
    flaky.calls = 0;
    flaky.after = 1;
    expectError(ErrorCode::ioError, [&] { store.remove("a"); });
    EXPECT_EQ(flaky.calls, 1);
}

TEST_F(RetryingStoreTest, ListsEveryNameOnce) {
    for (const char* name : {"a", "b", "c"}) store.put(name, {});
    flaky.after = 1;
    std::vector<std::string> names;
    store.list("", [&](std::string_view name, std::uint64_t) { names.emplace_back(name); });
    EXPECT_THAT(names, ElementsAre("a", "b", "c"));
    flaky.calls = 0;
    expectError(ErrorCode::ioError, [&] {
        store.list("", [](std::string_view, std::uint64_t) {
            throw Error(ErrorCode::ioError, "the caller's own trouble");
        });
    });
    EXPECT_EQ(flaky.calls, 1);
}

TEST(BandwidthSchedule, KnowsTheTimeOfDay) {
    const auto schedule = BandwidthSchedule::parse("08:00-18:00=500K,22:00-06:00=0,20M");
    EXPECT_EQ(schedule.rateAt(8 * 60), 500'000U);
    EXPECT_EQ(schedule.rateAt(18 * 60 - 1), 500'000U);
    EXPECT_EQ(schedule.rateAt(18 * 60), 20'000'000U);
    EXPECT_EQ(schedule.rateAt(23 * 60), 0U);
    EXPECT_EQ(schedule.rateAt(0), 0U);
    EXPECT_EQ(schedule.rateAt(6 * 60), 20'000'000U);
    EXPECT_EQ(BandwidthSchedule::parse("none").rateAt(5), std::nullopt);
    EXPECT_EQ(BandwidthSchedule::parse("10:00-24:00=1G").rateAt(9 * 60), std::nullopt);
    EXPECT_EQ(BandwidthSchedule::parse("10:00-24:00=1G").rateAt(1439), 1'000'000'000U);
    EXPECT_EQ(BandwidthSchedule::parse("7").rateAt(0), 7U);
}

TEST(BandwidthSchedule, RefusesWhatItDoesNotUnderstand) {
    for (const char* text : {"",
                             ",",
                             "1M,",
                             "x",
                             "1X",
                             "-1",
                             "1.5M",
                             "K",
                             "08:00-18:00",
                             "08:00=1M",
                             "8:00-18:00=1M",
                             "08:00-08:00=1M",
                             "08:60-09:00=1M",
                             "08:00-24:01=1M",
                             "08:00-18:00=",
                             "=1M",
                             "1 M",
                             "99999999999999999999",
                             "9999999G",
                             "08:00-18:00=1M=2M"}) {
        SCOPED_TRACE(text);
        expectError(ErrorCode::invalidArgument, [&] { BandwidthSchedule::parse(text); });
    }
    std::string many = "1M";
    for (int i = 0; i < 48; ++i) many += ",1M";
    expectError(ErrorCode::limitExceeded, [&] { BandwidthSchedule::parse(many); });
}

TEST(BandwidthSchedule, OneThatIsEnteredLetsSomethingThrough) {
    for (const char* text : {"0", "08:00-18:00=0,18:00-08:00=0", "08:00-18:00=0,0K"}) {
        SCOPED_TRACE(text);
        expectError(
            ErrorCode::invalidArgument, [&] { BandwidthSchedule::parseFlowing(text); },
            "lets nothing through");
        EXPECT_EQ(BandwidthSchedule::parse(text).rateAt(12 * 60), 0U);
    }
    EXPECT_EQ(BandwidthSchedule::parseFlowing("08:00-18:00=0,none").rateAt(0), std::nullopt);
}

/// A clock that goes on only while somebody pauses.
class PausedClock : public Clock {
  public:
    Timestamp now() const override {
        return time_.with([](const Timestamp& time) { return time; });
    }
    void advance(std::chrono::nanoseconds time) {
        time_.with([&](Timestamp& now) { now = now + time.count(); });
    }

  private:
    Guarded<Timestamp> time_{Timestamp{1'000'000'800, 0}};  // 01:46:40 + 800 s UTC: 02:00
};

struct ThrottlingStoreTest : testing::Test {
    ThrottlingStoreTest() {
        ::setenv("TZ", "UTC0", 1);
        ::tzset();
    }
    double secondsFor(const char* schedule, const std::function<void(ObjectStore&)>& work) {
        Throttle throttle(BandwidthSchedule::parse(schedule), clock,
                          [&](std::chrono::nanoseconds time) { clock.advance(time); });
        ThrottlingStore store(memory, throttle);
        const Timestamp begin = clock.now();
        work(store);
        const Timestamp end = clock.now();
        return static_cast<double>(end.seconds - begin.seconds) +
               (static_cast<double>(end.nanoseconds) - begin.nanoseconds) / 1e9;
    }

    MemoryStore memory;
    PausedClock clock;
};

TEST_F(ThrottlingStoreTest, KeepsToItsRateBothWays) {
    const Bytes data(10'000'000, 'x');
    // A quarter of a second's worth is free.
    EXPECT_NEAR(secondsFor("1M", [&](ObjectStore& store) { store.put("a", data); }), 9.75, 0.01);
    EXPECT_NEAR(secondsFor("1M",
                           [&](ObjectStore& store) {
                               const auto writer = store.create("b");
                               writer->append(data);
                               writer->commit();
                           }),
                9.75, 0.01);
    Bytes out(data.size());
    EXPECT_NEAR(secondsFor("1M", [&](ObjectStore& store) { store.read("a", 0, out); }), 9.75, 0.01);
    EXPECT_EQ(secondsFor("none", [&](ObjectStore& store) { store.read("a", 0, out); }), 0.0);
    EXPECT_EQ(secondsFor("1", [&](ObjectStore& store) { store.size("a"); }), 0.0);
}

TEST_F(ThrottlingStoreTest, ChangesItsRateWithTheTimeOfDay) {
    // 02:00: a minute at 1 MB/s, then nothing for an hour, then without limit.
    const Bytes data(100'000'000, 'x');
    const double seconds = secondsFor("02:00-02:01=1M,02:01-03:01=0,none",
                                      [&](ObjectStore& store) { store.put("a", data); });
    EXPECT_GE(seconds, 3'660);
    EXPECT_LE(seconds, 3'680);
}

TEST_F(ThrottlingStoreTest, SurvivesAClockThatIsSetBack) {
    const Bytes data(1'000'000, 'x');
    const double seconds = secondsFor("1M", [&](ObjectStore& store) {
        store.put("a", data);
        clock.advance(std::chrono::hours(-1));
        store.put("b", data);
    });
    EXPECT_NEAR(seconds + 3'600, 1.75, 0.1);
}

TEST(ReadOnlyStore, RefusesEveryChange) {
    MemoryStore memory;
    memory.put("a", bytesOf("x"));
    ReadOnlyStore store(memory);
    expectError(
        ErrorCode::permissionDenied, [&] { store.put("a", {}); }, "a");
    expectError(
        ErrorCode::permissionDenied, [&] { store.create("b"); }, "b");
    expectError(
        ErrorCode::permissionDenied, [&] { store.remove("a"); }, "a");
    EXPECT_EQ(textOf(readAll(store, "a", 10)), "x");
}

TEST(MeteredStore, CountsCallsFailuresAndOctets) {
    MemoryStore memory;
    MeteredStore store(memory);
    const auto writer = store.create("a");
    writer->append(bytesOf("12"));
    writer->append(bytesOf("345"));
    Bytes out(2);
    writer->readBack(1, out);
    writer->commit();
    EXPECT_TRUE(errorOf([&] { writer->commit(); }));
    store.put("b", bytesOf("1234567"));
    store.read("b", 0, out);
    EXPECT_TRUE(errorOf([&] { store.read("b", 6, out); }));
    store.size("b");
    store.list("", [](std::string_view, std::uint64_t) {});
    store.remove("b");
    const StoreMetrics metrics = store.metrics();
    const auto expectCall = [&](StoreCall call, std::uint64_t calls, std::uint64_t failures,
                                std::uint64_t octets) {
        const CallMetrics& meter = metrics.at(static_cast<std::size_t>(call));
        EXPECT_EQ(meter.calls, calls) << nameOf(call);
        EXPECT_EQ(meter.failures, failures) << nameOf(call);
        EXPECT_EQ(meter.octets, octets) << nameOf(call);
        EXPECT_GE(meter.time, meter.slowest) << nameOf(call);
    };
    expectCall(StoreCall::create, 1, 0, 0);
    expectCall(StoreCall::append, 2, 0, 5);
    expectCall(StoreCall::readBack, 1, 0, 2);
    expectCall(StoreCall::commit, 2, 1, 0);
    expectCall(StoreCall::put, 1, 0, 7);
    expectCall(StoreCall::read, 2, 1, 2);
    expectCall(StoreCall::size, 1, 0, 0);
    expectCall(StoreCall::list, 1, 0, 0);
    expectCall(StoreCall::remove, 1, 0, 0);
}

TEST(MeteredStore, CountsTheCallsOfAllThreads) {
    MemoryStore memory;
    MeteredStore store(memory);
    ThreadScope threads;
    for (int thread = 0; thread < 4; ++thread) {
        threads.start([&] {
            for (int i = 0; i < 1'000; ++i) store.put("a", bytesOf("x"));
        });
    }
    threads.join();
    const CallMetrics put = store.metrics().at(static_cast<std::size_t>(StoreCall::put));
    EXPECT_EQ(put.calls, 4'000U);
    EXPECT_EQ(put.octets, 4'000U);
}

}  // namespace
}  // namespace coffer
