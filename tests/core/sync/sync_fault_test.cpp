// A synchronisation, and every fault at every change that it makes to a side or to what it
// remembers: the server or the agents go down, what was not on a disk is lost, a disk is full or
// broken. The next run makes of it what an undisturbed one would have made.
#include <cerrno>
#include <iostream>
#include <set>

#include "core/sync/sync_job.h"
#include "tests/core/sync/simulated_tree.h"
#include "tests/faults/faulty_databases.h"
#include "tests/support/expect_error.h"
#include "tests/support/memory_folder.h"

namespace coffer {
namespace {

using Items = SimulatedTree::Items;
using Item = SimulatedTree::Item;

/// Two agents and what the server remembers of their folders; one disk counts the changes of all.
struct World {
    World(const Items& atSource, const Items& atTarget)
        : disk(std::make_unique<SimulatedDisk>()),
          source(*disk, atSource),
          target(*disk, atTarget) {
        faults.emplace(*disk, databases.path());
    }

    /// After the server and the agents went down, each in its way.
    std::unique_ptr<World> after(CrashMode ofServer, CrashMode ofAgents) const {
        auto world = std::make_unique<World>(source.after(ofAgents), target.after(ofAgents));
        world->faults.reset();
        faults->copyAfter(ofServer, world->databases.path());
        world->faults.emplace(*world->disk, world->databases.path());
        return world;
    }

    std::uint64_t changes() const { return source.changes() + target.changes(); }

    std::unique_ptr<SimulatedDisk> disk;
    SimulatedTree source;
    SimulatedTree target;
    MemoryFolder databases;
    std::optional<FaultyDatabases> faults;
};

struct Case {
    const char* name;
    SyncRules rules;
};

void PrintTo(const Case& each, std::ostream* out) {
    *out << each.name;
}

Item file(const std::string& text, std::int64_t second) {
    return {"file", text, {second, 7}, 0644};
}

Item folder() {
    return {"folder", {}, {1, 0}, 0755};
}

Items before() {
    return {{"/same", file("same", 10)},
            {"/changed", file("changed", 11)},
            {"/both", file("both", 12)},
            {"/bound", {"symlink", "same", {13, 0}, 0777}},
            {"/gone here", file("goes: here", 14)},
            {"/gone there", file("goes: there", 15)},
            {"/folder", folder()},
            {"/folder/inner", file("inner", 16)},
            {"/folder gone", folder()},
            {"/folder gone/inner", file("goes: inner", 17)},
            {"/swap", file("goes: swap", 18)}};
}

// What users do on both sides behind the last run.
void edit(World& world, const SyncRules& rules) {
    world.source.put("/changed", file("changed since", 101));
    world.source.put("/new", file("new", 102));
    world.source.put("/folder/new", file("new within", 103));
    world.source.put("/made", folder());
    world.source.put("/made/inner", file("made within", 104));
    world.source.put("/bound", {"symlink", "changed", {105, 0}, 0777});
    world.source.takeAway("/gone here");
    world.source.takeAway("/folder gone");
    world.source.takeAway("/swap");
    world.source.put("/swap", folder());
    world.source.put("/swap/inner", file("swapped", 106));
    if (!rules.twoWay) return;
    world.source.put("/both", file("both: source", 107));
    world.target.put("/both", file("both: target", 108));
    world.target.put("/folder/other", file("new at the target", 109));
    world.target.takeAway("/gone there");
}

/// How much was tried, told at the end.
struct Tally : testing::Environment {
    void TearDown() override {
        std::cout << "faults: " << points << " points, " << attempts << " faults at them, "
                  << survivors << " pairs of folders looked at afterwards\n";
    }
    std::uint64_t points = 0;
    std::uint64_t attempts = 0;
    std::uint64_t survivors = 0;
};
Tally& tally = *static_cast<Tally*>(testing::AddGlobalTestEnvironment(new Tally));

class SyncCrash : public testing::TestWithParam<Case> {
  protected:
    SyncCrash() {
        settings_.rules = GetParam().rules;
        settings_.mostDeleted = 100;
        World world(before(), before());
        run(world);
        edit(world, settings_.rules);
        start_ = world.after(CrashMode::lost, CrashMode::lost);
        const auto undisturbed = fresh();
        run(*undisturbed);
        EXPECT_EQ(problems_, "");
        expected_ = undisturbed->target.items();
        changes_ = undisturbed->changes();
    }

    std::unique_ptr<World> fresh() { return start_->after(CrashMode::lost, CrashMode::lost); }

    SyncCounts run(World& world) {
        problems_.clear();
        SyncStore store(world.databases / "pair.db", "pair");
        SyncPair pair{{world.source, "/", "here"}, {world.target, "/", "there"}};
        ProblemLog problems([this](const Problem& problem) {
            problems_ += problem.path + ": " + problem.message + "\n";
        });
        RunProgress progress;
        const CancelToken cancel;
        return synchronise({pair, false, store, [](std::uint64_t) {}, [](const SyncNote&) {},
                            clock_, progress, problems, cancel},
                           settings_);
    }

    // Runs into the faults that the disk was told of; gives the error it ends with.
    std::optional<Error> runInto(World& world) {
        ++tally.attempts;
        return errorOf([&] { run(world); });
    }

    // One more run ends what was begun; nothing that was to stay is lost, nothing else is made up.
    void check(World& world) {
        ++tally.survivors;
        const auto error = errorOf([&] { run(world); });
        ASSERT_FALSE(error) << error->what();
        EXPECT_EQ(problems_, "");
        EXPECT_EQ(world.source.items(), world.target.items());
        Items found = world.target.items();
        Items wanted = expected_;
        // A deletion that a disk refused or took back is as if somebody had brought the file again.
        std::erase_if(found, returned);
        std::erase_if(wanted, returned);
        EXPECT_EQ(described(found), described(wanted));
        const std::uint64_t changes = world.changes();
        run(world);
        EXPECT_LE(world.changes() - changes, 2U) << "there was still something to do";  // flushes
    }

    // SQLite keeps the system's error to itself where it has none of its own for it.
    static void expectClear(const Error& error, ErrorCode code) {
        const std::string text = error.what();
        if (text.find("database ") != text.npos && text.ends_with(": disk I/O error")) return;
        EXPECT_EQ(nameOf(error.code()), nameOf(code)) << text;
    }

    static bool returned(const Items::value_type& entry) {
        return entry.second.text.starts_with("goes: ") || entry.first == "/folder gone";
    }

    static std::string described(const Items& items) {
        std::string text;
        for (const auto& [path, item] : items)
            text += path + " " + item.kind + " " + item.text + "\n";
        return text;
    }

    SyncSettings settings_;
    ManualClock clock_{1'800'000'000};
    std::string problems_;
    std::unique_ptr<World> start_;
    Items expected_;
    std::uint64_t changes_ = 0;
};

TEST_P(SyncCrash, OfAllComputersLosesNothing) {
    constexpr std::pair<CrashMode, CrashMode> modes[] = {
        {CrashMode::killed, CrashMode::killed}, {CrashMode::lost, CrashMode::lost},
        {CrashMode::torn, CrashMode::torn},     {CrashMode::hollow, CrashMode::hollow},
        {CrashMode::killed, CrashMode::lost},   {CrashMode::killed, CrashMode::torn},
        {CrashMode::killed, CrashMode::hollow}, {CrashMode::lost, CrashMode::killed},
        {CrashMode::torn, CrashMode::killed}};
    for (std::uint64_t point = 1;; ++point) {
        const auto world = fresh();
        world->disk->crashAt(point);
        runInto(*world);
        if (world->disk->points() < point) return;
        ++tally.points;
        for (const auto& [ofServer, ofAgents] : modes) {
            SCOPED_TRACE(testing::Message()
                         << "crash at point " << point << ", server " << static_cast<int>(ofServer)
                         << ", agents " << static_cast<int>(ofAgents));
            check(*world->after(ofServer, ofAgents));
        }
    }
}

// The server stays and ends the run.
TEST_P(SyncCrash, OfAnAgentLosesNothing) {
    for (const bool atSource : {false, true}) {
        for (std::uint64_t change = 1; change <= changes_; ++change) {
            const auto world = fresh();
            (atSource ? world->source : world->target).leaveAt(change);
            const auto error = runInto(*world);
            if (!error) break;
            ++tally.points;
            EXPECT_EQ(error->code(), ErrorCode::unavailable) << error->what();
            for (const auto mode :
                 {CrashMode::killed, CrashMode::lost, CrashMode::torn, CrashMode::hollow}) {
                SCOPED_TRACE(testing::Message() << (atSource ? "source" : "target") << " leaves at "
                                                << change << ", mode " << static_cast<int>(mode));
                check(*world->after(CrashMode::killed, mode));
            }
        }
    }
}

TEST_P(SyncCrash, AFullOrBrokenDiskIsToldAndLosesNothing) {
    for (const auto& [number, code] :
         {std::pair{ENOSPC, ErrorCode::noSpace}, {EIO, ErrorCode::ioError}}) {
        for (const bool forGood : {false, true}) {
            for (std::uint64_t point = 1;; ++point) {
                SCOPED_TRACE(testing::Message() << "errno " << number << (forGood ? " from" : " at")
                                                << " point " << point);
                const auto world = fresh();
                world->disk->failAt(number, point, forGood ? ~std::uint64_t{0} : point);
                const auto error = runInto(*world);
                if (world->disk->points() < point) break;
                world->disk->failAt(0, 0);
                if (error) expectClear(*error, code);
                check(*world);
            }
        }
    }
}

INSTANTIATE_TEST_SUITE_P(
    Rules, SyncCrash,
    testing::Values(Case{"mirror", {.erases = true}}, Case{"both_ways", {.twoWay = true}},
                    Case{"newer", {.twoWay = true, .conflict = SyncConflict::newer}},
                    Case{"source", {.twoWay = true, .conflict = SyncConflict::source}},
                    Case{"target", {.twoWay = true, .conflict = SyncConflict::target}}),
    [](const auto& each) { return std::string(each.param.name); });

}  // namespace
}  // namespace coffer
