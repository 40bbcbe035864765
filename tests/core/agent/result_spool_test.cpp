#include "core/agent/result_spool.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "core/storage/local_store.h"
#include "core/storage/memory_store.h"
#include "tests/support/expect_error.h"
#include "tests/support/simulated_disk.h"

namespace coffer {
namespace {

using Keys = std::vector<ResultSpool::Key>;

RunReport reportOf(std::int64_t run, std::uint32_t attempt = 1) {
    RunReport report;
    report.run = run;
    report.attempt = attempt;
    report.result = {"warnings", "so so", "0123", {{"files", 7}}};
    report.problems = {{std::string("/a\xff\n"), "io-error", "bad"}, {"/b", "not-found", "gone"}};
    return report;
}

TEST(ResultSpool, KeepsResultsAcrossProcesses) {
    MemoryStore store;
    {
        ResultSpool spool(store);
        spool.add(reportOf(10));
        spool.add(reportOf(9, 2));
        spool.add(reportOf(3));
        spool.remove({3, 1});
    }
    ResultSpool spool(store);
    EXPECT_EQ(spool.keys(), (Keys{{9, 2}, {10, 1}}));
    EXPECT_TRUE(spool.contains({9, 2}));
    EXPECT_FALSE(spool.contains({9, 1}));
    const auto report = spool.get({10, 1});
    ASSERT_TRUE(report);
    EXPECT_EQ(report->run, 10);
    EXPECT_EQ(report->attempt, 1u);
    EXPECT_EQ(report->result.outcome, "warnings");
    EXPECT_EQ(report->result.message, "so so");
    EXPECT_EQ(report->result.snapshot, "0123");
    EXPECT_EQ(report->result.counts, (RunCounts{{"files", 7}}));
    ASSERT_EQ(report->problems.size(), 2u);
    EXPECT_EQ(report->problems[0].path, "/a\xff\n");
}

TEST(ResultSpool, RemovingWhatIsNotThereIsNothing) {
    MemoryStore store;
    ResultSpool spool(store);
    spool.remove({1, 1});
    EXPECT_FALSE(spool.get({1, 1}));
}

TEST(ResultSpool, DropsWhatCannotBeRead) {
    MemoryStore store;
    {
        ResultSpool spool(store);
        spool.add(reportOf(1));
    }
    store.put("run-2-1", bytesOf("not a result"));
    store.put("run-3-1", bytesOf(encodeReport(WorkerProblem{"/a", "io-error", "bad"})));
    for (const char* name : {"run-x-1", "run--5-1", "run-5-0"}) {
        store.put(name, bytesOf("somebody else's"));
    }
    ResultSpool spool(store);
    EXPECT_EQ(spool.keys(), (Keys{{1, 1}}));
    EXPECT_FALSE(store.size("run-2-1"));
    EXPECT_FALSE(store.size("run-3-1"));
    EXPECT_TRUE(store.size("run-x-1"));
}

TEST(ResultSpool, OutlastsAPowerLoss) {
    SimulatedDisk disk;
    LocalStore store(disk, "/results");
    ResultSpool(store).add(reportOf(1));
    for (const CrashMode mode : {CrashMode::lost, CrashMode::hollow, CrashMode::torn}) {
        const auto after = disk.reopen(mode);
        LocalStore later(*after, "/results");
        EXPECT_EQ(ResultSpool(later).keys(), (Keys{{1, 1}}));
    }
}

TEST(ResultSpool, KeepsInMemoryWhatCannotBeWritten) {
    SimulatedDisk disk;
    LocalStore store(disk, "/results");
    ResultSpool spool(store);
    disk.failAt(ENOSPC, disk.points() + 1);
    spool.add(reportOf(1));
    EXPECT_EQ(spool.keys(), (Keys{{1, 1}}));
    EXPECT_TRUE(spool.get({1, 1}));
    spool.remove({1, 1});
    EXPECT_TRUE(spool.keys().empty());
}

/// A store whose disk does not let itself be read.
class UnreadableStore : public MemoryStore {
  public:
    explicit UnreadableStore(ErrorCode code) : code_(code) {}
    void read(std::string_view, std::uint64_t, std::span<std::uint8_t>) override {
        throw Error(code_, "cannot be read");
    }

  private:
    const ErrorCode code_;
};

TEST(ResultSpool, ADiskThatFailsCostsNoResult) {
    for (const ErrorCode code : {ErrorCode::ioError, ErrorCode::permissionDenied}) {
        UnreadableStore store(code);
        ResultSpool(store).add(reportOf(1));
        expectError(code, [&] { ResultSpool spool(store); });
        EXPECT_TRUE(store.size("run-1-1"));
    }
}

}  // namespace
}  // namespace coffer
