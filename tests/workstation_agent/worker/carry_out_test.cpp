#include "workstation_agent/worker/carry_out.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/core/rpc/store/store_fixture.h"
#include "tests/support/scratch_folder.h"
#include "tests/workstation_agent/worker/hooked_store.h"

namespace coffer {
namespace {

namespace fs = std::filesystem;

// The folders above change with whatever else goes on in them.
constexpr std::uint64_t oddBytes = 2000;

using Files = std::map<std::string, std::string>;  // by path below a folder; of folders ""

/// Whole runs of a worker, against a store in this process.
class CarryOutTest : public testing::Test {
  protected:
    CarryOutTest() {
        fs::create_directories(scratch_ / "cache");
        write("data/a", "one");
        write("data/sub/b", std::string(300'000, 'b'));
        write("data/sub/deep/c", "three");
        const PortableServer::Servant_var<HookedStore> servant =
            new HookedStore(fixture_.store, fixture_.sessions, hook_);
        fixture_.orb.serve("Hooked", servant.in());
        const CORBA::Object_var object = fixture_.orb.reachLocal("Hooked");
        store_ = Coffer::Store::_narrow(object);
    }

    void write(const std::string& path, const std::string& content) {
        const fs::path file = scratch_ / path;
        fs::create_directories(file.parent_path());
        std::ofstream(file) << content;
    }
    Files filesIn(const std::string& folder) {
        Files files;
        const fs::path root = scratch_ / folder;
        if (!fs::exists(root)) return files;
        for (const auto& entry : fs::recursive_directory_iterator(root)) {
            std::string& content = files[fs::relative(entry.path(), root).string()];
            if (!entry.is_regular_file()) continue;
            std::ifstream in(entry.path());
            content.assign(std::istreambuf_iterator<char>(in), {});
        }
        return files;
    }

    WorkerOrder orderOf(const std::string& kind, std::uint32_t attempt) {
        WorkerOrder order;
        order.run = 7;
        order.attempt = attempt;
        order.kind = kind;
        order.agent = fixture_.pipeline.agent;
        order.cacheFolder = scratch_ / "cache";
        order.own = {scratch_ / "own"};
        order.host = "laptop-7";
        order.options["workers"] = "2";
        return order;
    }
    WorkerOrder backup(std::uint32_t attempt = 1) {
        WorkerOrder order = orderOf("backup", attempt);
        order.token = fixture_.backupToken();
        order.what = {scratch_ / "data"};
        return order;
    }
    // Of paths below the scratch folder.
    WorkerOrder restore(const std::string& snapshot, std::vector<std::string> paths,
                        std::uint32_t attempt = 1) {
        for (std::string& path : paths) path = scratch_ / path;
        WorkerOrder order = orderOf("restore", attempt);
        rpc::RunGrant grant = fixture_.grant(rpc::RunGrant::Kind::restore);
        grant.snapshot = snapshot;
        grant.paths = std::move(paths);
        order.token = fixture_.tokens.issue(grant);
        order.target = scratch_ / "back";
        return order;
    }

    WorkerResult carryOut(const WorkerOrder& order) {
        reports_.clear();
        return coffer::carryOut(order, {[this] { return Coffer::Store::_duplicate(store_); },
                                        cancel_,
                                        [this] { return cancelled_; },
                                        [this](const WorkerReport& report) {
                                            reports_.push_back(report);
                                            if (onReport_) onReport_(report);
                                        },
                                        clock_,
                                        {{}, {}, patience_},
                                        std::chrono::milliseconds(1)});
    }
    std::string snapshotNow() {
        const WorkerResult result = carryOut(backup());
        EXPECT_EQ(result.outcome, "succeeded") << result.message;
        return result.snapshot;
    }
    // Of the reports, each once.
    std::vector<std::string> phases() const {
        std::vector<std::string> phases;
        for (const WorkerReport& report : reports_) {
            const auto* progress = std::get_if<WorkerProgress>(&report);
            if (progress && (phases.empty() || phases.back() != progress->phase)) {
                phases.push_back(progress->phase);
            }
        }
        return phases;
    }
    std::vector<WorkerProblem> problems() const {
        std::vector<WorkerProblem> all;
        for (const WorkerReport& report : reports_) {
            if (const auto* problem = std::get_if<WorkerProblem>(&report)) all.push_back(*problem);
        }
        return all;
    }
    static void lose() { throw CORBA::OBJECT_NOT_EXIST(0, CORBA::COMPLETED_NO); }

    rpc::StoreFixture fixture_;
    ScratchFolder scratch_;
    StoreHook hook_ = [](const std::string&) {};
    Coffer::Store_var store_;
    SystemClock clock_;
    CancelToken cancel_;
    bool cancelled_ = false;
    std::chrono::milliseconds patience_{0};
    std::vector<WorkerReport> reports_;
    std::function<void(const WorkerReport&)> onReport_;
};

using Phases = std::vector<std::string>;

TEST_F(CarryOutTest, CommitsUnderTheIdOfItsOrderAndOnce) {
    rpc::RunGrant grant = fixture_.grant(rpc::RunGrant::Kind::backup);
    grant.snapshot = "00112233445566778899aabbccddeeff";
    WorkerOrder order = backup();
    order.token = fixture_.tokens.issue(grant);
    order.options["snapshot"] = grant.snapshot;
    const WorkerResult result = carryOut(order);
    EXPECT_EQ(result.outcome, "succeeded") << result.message;
    EXPECT_EQ(result.snapshot, grant.snapshot);
    // Nobody has heard of that: the server finds the snapshot when this one reports.
    write("data/new", "more");
    EXPECT_EQ(carryOut(order).outcome, "failed");
    EXPECT_EQ(fixture_.pipeline.repository->ledger().snapshots().size(), 1U);
    order.options["snapshot"] = "0011";
    EXPECT_EQ(carryOut(order).outcome, "failed");
}

TEST_F(CarryOutTest, BacksUpAndRestores) {
    const WorkerResult made = carryOut(backup());
    EXPECT_EQ(made.outcome, "succeeded") << made.message;
    EXPECT_EQ(made.snapshot.size(), 32u);
    EXPECT_EQ(made.counts.at("files"), 3u);
    EXPECT_EQ(made.counts.at("bytes"), 300'008u);
    EXPECT_EQ(made.counts.at("problems"), 0u);
    EXPECT_GT(made.counts.at("stored-bytes"), 0u);
    EXPECT_EQ(phases(), (Phases{"starting", "running", "finishing"}));

    const WorkerResult back = carryOut(restore(made.snapshot, {"data"}));
    EXPECT_EQ(back.outcome, "succeeded") << back.message;
    EXPECT_EQ(filesIn("back"), filesIn("data"));
    EXPECT_EQ(back.counts.at("files"), 3u);
    EXPECT_EQ(phases(), (Phases{"starting", "running", "finishing"}));
}

TEST_F(CarryOutTest, ReadsNothingThatHasNotChanged) {
    snapshotNow();
    const WorkerResult again = carryOut(backup());
    EXPECT_EQ(again.outcome, "succeeded");
    EXPECT_EQ(again.counts.at("files"), 3u);
    EXPECT_LT(again.counts.at("new-bytes"), oddBytes);
}

TEST_F(CarryOutTest, ASessionThatIsGoneCostsNothingThatWasTaken) {
    hook_ = [](const std::string& operation) {
        if (operation == "commit") lose();
    };
    const WorkerResult cut = carryOut(backup(1));
    EXPECT_EQ(cut.outcome, "interrupted");
    EXPECT_GT(cut.counts.at("new-bytes"), 300'000u);
    hook_ = [](const std::string&) {};
    const WorkerResult rest = carryOut(backup(2));
    EXPECT_EQ(rest.outcome, "succeeded") << rest.message;
    EXPECT_LT(rest.counts.at("new-bytes"), oddBytes);
}

TEST_F(CarryOutTest, ABaseThatIsNotKnownAnyMoreIsNoTrouble) {
    const std::string first = snapshotNow();
    fixture_.pipeline.repository->forget(SnapshotId::from(fromHex(first)));
    const WorkerResult again = carryOut(backup());
    EXPECT_EQ(again.outcome, "succeeded") << again.message;
    EXPECT_EQ(carryOut(restore(again.snapshot, {"data"})).outcome, "succeeded");
    EXPECT_EQ(filesIn("back"), filesIn("data"));
}

TEST_F(CarryOutTest, WaitsForAStoreThatIsAway) {
    patience_ = std::chrono::minutes(10);
    int times = 0;
    hook_ = [&](const std::string& operation) {
        if (operation == "openPack" && ++times < 20) throw CORBA::TRANSIENT();
    };
    EXPECT_EQ(carryOut(backup()).outcome, "succeeded");
    EXPECT_GE(times, 20);
}

TEST_F(CarryOutTest, GivesUpWhenTheStoreStaysAway) {
    hook_ = [](const std::string&) { throw CORBA::TRANSIENT(); };
    const WorkerResult result = carryOut(backup());
    EXPECT_EQ(result.outcome, "interrupted");
    EXPECT_NE(result.message.find("begin a backup"), std::string::npos) << result.message;
    EXPECT_EQ(carryOut(restore(std::string(32, '0'), {})).outcome, "interrupted");
}

TEST_F(CarryOutTest, FailsWithABadToken) {
    WorkerOrder order = backup();
    order.token.back() ^= 1;
    EXPECT_EQ(carryOut(order).outcome, "failed");
    order = backup();
    fixture_.clock.advance(10'000);
    EXPECT_EQ(carryOut(order).outcome, "failed");
}

TEST_F(CarryOutTest, FailsWhenThereIsNothing) {
    WorkerOrder order = backup();
    order.what = {scratch_ / "none"};
    const WorkerResult result = carryOut(order);
    EXPECT_EQ(result.outcome, "failed");
    EXPECT_NE(result.message.find("none"), std::string::npos);
}

TEST_F(CarryOutTest, FailsWithOptionsThatMakeNoSense) {
    for (const auto& [name, value] :
         std::map<std::string, std::string>{{"workers", "0"},
                                            {"workers", "1000000"},
                                            {"workers", "x"},
                                            {"compression", "99"},
                                            {"one-file-system", "perhaps"}}) {
        WorkerOrder order = backup();
        order.options[name] = value;
        EXPECT_EQ(carryOut(order).outcome, "failed") << name;
    }
    WorkerOrder order = restore(snapshotNow(), {"data"});
    order.options["overwrite"] = "sometimes";
    EXPECT_EQ(carryOut(order).outcome, "failed");
    order.kind = "format";
    EXPECT_EQ(carryOut(order).outcome, "failed");
    EXPECT_TRUE(filesIn("back").empty());
}

TEST_F(CarryOutTest, StopsForGoodOrToGoOn) {
    hook_ = [this](const std::string& operation) {
        if (operation == "openPack") cancel_.request();
    };
    const WorkerResult stopped = carryOut(backup());
    EXPECT_EQ(stopped.outcome, "interrupted");
    EXPECT_EQ(stopped.message, "it was asked to stop");
    cancelled_ = true;
    const WorkerResult cancelled = carryOut(backup());
    EXPECT_EQ(cancelled.outcome, "cancelled");
    EXPECT_EQ(cancelled.message, "");
}

TEST_F(CarryOutTest, LeavesTheAgentsOwnFilesOut) {
    write("data/own*/agent.pem", "secret");
    write("data/ownx/file", "not secret");
    write("data/agent.ini", "settings");
    write("data/sub/agent.ini", "of somebody else");
    WorkerOrder order = backup();
    order.own = {scratch_ / "data/own*", scratch_ / "data/agent.ini"};
    order.patterns = {"!agent.pem", "!agent.ini"};
    const WorkerResult made = carryOut(order);
    ASSERT_EQ(made.outcome, "succeeded") << made.message;
    carryOut(restore(made.snapshot, {"data"}));
    const Files files = filesIn("back");
    EXPECT_FALSE(files.contains("own*"));
    EXPECT_TRUE(files.contains("ownx/file"));
    EXPECT_FALSE(files.contains("agent.ini"));
    EXPECT_TRUE(files.contains("sub/agent.ini"));

    order.own = {scratch_ / "data"};
    EXPECT_EQ(carryOut(order).outcome, "failed");
    order.what = {scratch_ / "data/sub"};
    EXPECT_EQ(carryOut(order).outcome, "failed");
}

TEST_F(CarryOutTest, NeverRestoresOverTheAgentsOwnFiles) {
    write("data/own/agent.pem", "foreign");
    const std::string snapshot = snapshotNow();
    write("back/own/agent.pem", "secret");
    fs::permissions(scratch_ / "back/own", fs::perms::owner_all);
    WorkerOrder order = restore(snapshot, {"data"});
    order.own = {scratch_ / "back/own"};
    for (const char* how : {"always", "older", "never"}) {
        order.options["overwrite"] = how;
        const WorkerResult result = carryOut(order);
        EXPECT_EQ(filesIn("back").at("own/agent.pem"), "secret");
        EXPECT_EQ(fs::status(scratch_ / "back/own").permissions(), fs::perms::owner_all);
        EXPECT_EQ(filesIn("back").at("a"), "one");
        const bool touched = result.outcome == "warnings";
        EXPECT_TRUE(touched || how != std::string("always")) << result.message;
    }
    order.own = {scratch_ / "back"};
    EXPECT_EQ(carryOut(order).outcome, "failed");
}

TEST_F(CarryOutTest, RestoresIntoAnEmptyFolderOnly) {
    const std::string snapshot = snapshotNow();
    write("back/mine", "mine");
    const WorkerResult result = carryOut(restore(snapshot, {"data"}));
    EXPECT_EQ(result.outcome, "failed");
    EXPECT_EQ(filesIn("back"), (Files{{"mine", "mine"}}));
}

TEST_F(CarryOutTest, OverwritesAsOrdered) {
    const std::string snapshot = snapshotNow();
    write("back/a", "mine");
    fs::last_write_time(scratch_ / "back/a",
                        fs::file_time_type::clock::now() + std::chrono::hours(1));
    WorkerOrder order = restore(snapshot, {"data"});
    order.options["overwrite"] = "older";
    EXPECT_EQ(carryOut(order).outcome, "succeeded");
    EXPECT_EQ(filesIn("back").at("a"), "mine");
    EXPECT_EQ(filesIn("back").at("sub/deep/c"), "three");
    order.options["overwrite"] = "always";
    EXPECT_EQ(carryOut(order).outcome, "succeeded");
    EXPECT_EQ(filesIn("back"), filesIn("data"));
}

TEST_F(CarryOutTest, GoesOnWithARestoreThatWasCut) {
    const std::string snapshot = snapshotNow();
    hook_ = [this](const std::string& operation) {
        if (operation.starts_with("fetch") && fs::exists(scratch_ / "back/sub")) lose();
    };
    EXPECT_EQ(carryOut(restore(snapshot, {"data"}, 1)).outcome, "interrupted");
    hook_ = [](const std::string&) {};
    WorkerOrder other = restore(snapshot, {"data"});
    other.run = 8;
    EXPECT_FALSE(filesIn("back").empty());
    EXPECT_EQ(carryOut(other).outcome, "failed");
    const WorkerResult rest = carryOut(restore(snapshot, {"data"}, 2));
    EXPECT_EQ(rest.outcome, "succeeded") << rest.message;
    EXPECT_EQ(filesIn("back"), filesIn("data"));
    EXPECT_EQ(carryOut(other).outcome, "failed");
}

TEST_F(CarryOutTest, HasRestoredAlsoWhenItsResultGotLost) {
    const std::string snapshot = snapshotNow();
    EXPECT_EQ(carryOut(restore(snapshot, {"data"}, 1)).outcome, "succeeded");
    EXPECT_EQ(carryOut(restore(snapshot, {"data"}, 2)).outcome, "succeeded");
    EXPECT_EQ(filesIn("back"), filesIn("data"));
    // A run of another server may have the same number.
    EXPECT_EQ(carryOut(restore(snapshot, {"data/sub"}, 3)).outcome, "failed");
    EXPECT_EQ(filesIn("back"), filesIn("data"));
}

TEST_F(CarryOutTest, RestoresSeveralPathsBelowTheTarget) {
    const std::string snapshot = snapshotNow();
    const auto paths = {std::string("data/a"), std::string("data/sub/deep"),
                        std::string("data/sub/deep/c")};
    for (const char* how : {"", "never", "always"}) {
        fs::remove_all(scratch_ / "back");
        WorkerOrder order = restore(snapshot, paths);
        if (*how) order.options["overwrite"] = how;
        const WorkerResult result = carryOut(order);
        EXPECT_EQ(result.outcome, "succeeded") << result.message;
        const std::string top = scratch_.path().substr(1) + "/data";
        const Files files = filesIn("back");
        EXPECT_EQ(files.at(top + "/a"), "one");
        EXPECT_EQ(files.at(top + "/sub/deep/c"), "three");
        EXPECT_FALSE(files.contains(top + "/sub/b"));
        EXPECT_EQ(fs::status(scratch_ / ("back/" + top + "/sub/deep")).permissions(),
                  fs::status(scratch_ / "data/sub/deep").permissions());
        EXPECT_EQ(fs::status(scratch_ / ("back/" + top)).permissions(), fs::perms(0755));
    }
}

TEST_F(CarryOutTest, BacksUpWhatTheFiltersLeave) {
    const auto backedUp = [&](const std::map<std::string, std::string>& options) {
        WorkerOrder order = backup();
        for (const auto& [name, value] : options) order.options[name] = value;
        const WorkerResult result = carryOut(order);
        EXPECT_EQ(result.outcome, "succeeded") << result.message;
        fs::remove_all(scratch_ / "back");
        EXPECT_EQ(carryOut(restore(result.snapshot, {"data"})).outcome, "succeeded");
        std::vector<std::string> files;
        for (const auto& [path, content] : filesIn("back")) {
            if (!content.empty()) files.push_back(path);
        }
        return files;
    };
    using Names = std::vector<std::string>;
    EXPECT_EQ(backedUp({{"include", "a\n" + (scratch_ / "data/sub/deep/")}}),
              (Names{"a", "sub/deep/c"}));
    EXPECT_EQ(backedUp({{"exclude-larger-than", "5K"}}), (Names{"a", "sub/deep/c"}));
    fs::last_write_time(scratch_ / "data/a",
                        fs::file_time_type::clock::now() - std::chrono::hours(49));
    EXPECT_EQ(backedUp({{"exclude-older-than", "2d"}}), (Names{"sub/b", "sub/deep/c"}));
    EXPECT_EQ(backedUp({}), (Names{"a", "sub/b", "sub/deep/c"}));
    for (const char* name :
         {"include", "exclude-larger-than", "exclude-older-than", "bandwidth", "read-rate"}) {
        WorkerOrder order = backup();
        order.options[name] = "[x";
        EXPECT_EQ(carryOut(order).outcome, "failed") << name;
    }
}

TEST_F(CarryOutTest, KeepsToItsBandwidth) {
    WorkerOrder order = backup();
    order.options["bandwidth"] = "1";  // an octet a second: it has to be stopped
    std::atomic<bool> sent = false;
    hook_ = [&](const std::string& operation) {
        if (operation == "openPack") cancel_.request();
        if (operation == "append") sent = true;
    };
    EXPECT_EQ(carryOut(order).outcome, "interrupted");
    EXPECT_TRUE(cancel_.requested());
    EXPECT_FALSE(sent);
}

TEST_F(CarryOutTest, RestoresASingleFile) {
    const std::string snapshot = snapshotNow();
    EXPECT_EQ(carryOut(restore(snapshot, {"data/sub/deep/c"})).outcome, "succeeded");
    EXPECT_EQ(filesIn("back"), (Files{{"c", "three"}}));
}

TEST_F(CarryOutTest, RestoresAWholeSnapshot) {
    const std::string snapshot = snapshotNow();
    EXPECT_EQ(carryOut(restore(snapshot, {})).outcome, "succeeded");
    EXPECT_EQ(filesIn("back" + scratch_.path() + "/data"), filesIn("data"));
}

TEST_F(CarryOutTest, SaysWhenItWaits) {
    patience_ = std::chrono::minutes(10);
    std::atomic<bool> seen = false;
    onReport_ = [&](const WorkerReport& report) {
        const auto* progress = std::get_if<WorkerProgress>(&report);
        if (progress && progress->phase == "waiting") seen = true;
    };
    hook_ = [&](const std::string& operation) {
        if (operation == "openPack" && !seen) throw CORBA::TRANSIENT();
    };
    EXPECT_EQ(carryOut(backup()).outcome, "succeeded");
    EXPECT_TRUE(seen);
    EXPECT_EQ(phases().back(), "finishing");
}

}  // namespace
}  // namespace coffer
