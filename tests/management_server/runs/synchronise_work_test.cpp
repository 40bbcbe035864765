#include "management_server/runs/synchronise_work.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "core/agent/file_tree.h"
#include "management_server/runs/sync_choice.h"
#include "tests/support/scratch_folder.h"

namespace coffer {
namespace {

namespace fs = std::filesystem;

/// Two agents that are folders of this computer.
struct SynchroniseWorkTest : testing::Test {
    SynchroniseWorkTest() {
        for (const char* side : {"a", "b"}) fs::create_directory(scratch / side);
        for (const char* name : {"1", "2", "3", "4", "5"}) {
            std::ofstream(scratch / ("a/" + std::string(name))) << name;
        }
    }

    ServerVerdict run(const std::string& source = "laptop") {
        RunProgress progress;
        ProblemLog problems([](const Problem&) {});
        const RunRecord record = syncRun("ann", source + ":" + (scratch / "a"),
                                         "nas:" + (scratch / "b"), {}, {{"direction", "two-way"}});
        return work({record, progress, problems, [](const RunProblemRecord&) {}, cancel});
    }

    bool has(const std::string& name) { return fs::exists(scratch / name); }

    std::vector<fs::path> stores() {
        std::vector<fs::path> found;
        for (const auto& entry : fs::directory_iterator(scratch / "state")) {
            if (entry.path().extension() == ".db") found.push_back(entry.path());
        }
        return found;
    }

    ScratchFolder scratch;
    CancelToken cancel;
    ManualClock clock{1'800'000'000};
    std::map<std::string, std::string> ids{{"laptop", "11"}, {"desk", "11"}, {"nas", "22"}};
    FreeWork work = synchroniseWork({[](const std::string&, const CancelToken& stop, bool) {
                                         return std::make_unique<FileTree>(stop);
                                     },
                                     [this](const std::string& agent) { return ids.at(agent); },
                                     clock, scratch / "state"});
};

TEST_F(SynchroniseWorkTest, ARenamedAgentKeepsItsMemory) {
    run();
    fs::remove(scratch / "a/1");
    EXPECT_EQ(run("desk").counts.at("removed"), "1");
    EXPECT_FALSE(has("b/1"));
}

TEST_F(SynchroniseWorkTest, AnotherAgentOfThatNameHasNone) {
    run();
    fs::remove(scratch / "a/1");
    ids["laptop"] = "33";
    EXPECT_EQ(run().counts.at("removed"), "0");
    EXPECT_TRUE(has("a/1"));
}

TEST_F(SynchroniseWorkTest, OfManyPairsTheOldestGoesForANewOneAlone) {
    fs::create_directory(scratch / "state");
    for (int number = 0; number < 999; ++number) {
        std::ofstream(scratch / ("state/" + std::to_string(number) + ".db"));
    }
    const fs::path oldest = scratch / "state/5.db";
    fs::last_write_time(oldest, fs::last_write_time(oldest) - std::chrono::hours(1));
    run();
    run();
    EXPECT_EQ(stores().size(), 1'000U);
    ids["laptop"] = "33";
    run();
    EXPECT_EQ(stores().size(), 1'000U);
    EXPECT_FALSE(fs::exists(oldest));
}

TEST_F(SynchroniseWorkTest, DamagedMemoryIsDroppedAndTheNextRunBeginsAnew) {
    run();
    ASSERT_EQ(stores().size(), 1U);
    {
        SqlDatabase store(stores()[0], false);
        store.execute("UPDATE entries SET looks=x'ff'");
    }
    fs::remove(scratch / "a/1");
    EXPECT_THROW(run(), Error);
    EXPECT_TRUE(has("b/1"));
    EXPECT_EQ(run().counts.at("removed"), "0");
    EXPECT_TRUE(has("a/1"));
}

}  // namespace
}  // namespace coffer
