#include "core/agent/run_order.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "core/agent/allow_list.h"
#include "core/storage/disk.h"
#include "tests/support/expect_error.h"
#include "tests/support/scratch_folder.h"

namespace coffer {
namespace {

class RunOrderTest : public testing::Test {
  protected:
    RunOrder backup(std::vector<std::string> what) {
        RunOrder order;
        order.run = 1;
        order.attempt = 1;
        order.kind = "backup";
        order.what = std::move(what);
        return order;
    }
    RunOrder restore(std::string target) {
        RunOrder order = backup({});
        order.kind = "restore";
        order.target = std::move(target);
        return order;
    }
    AllowList allow(std::vector<std::string> runs = {"backup", "restore"}) {
        return AllowList({{"/"}, {scratch_.path()}, std::move(runs)}, {scratch_ / "own"}, *disk_);
    }
    RunOrder checked(RunOrder order) { return checkedOrder(std::move(order), allow(), *disk_); }

    void refuses(const RunOrder& order, const std::string& text = "") {
        expectError(
            ErrorCode::invalidArgument, [&] { checked(order); }, text);
    }
    void forbids(const RunOrder& order, const std::string& text = "") {
        expectError(
            ErrorCode::permissionDenied, [&] { checked(order); }, text);
    }

    std::unique_ptr<Disk> disk_ = makeSystemDisk();
    ScratchFolder scratch_;
};

TEST_F(RunOrderTest, LetsThroughWhatIsAllowed) {
    EXPECT_EQ(checked(backup({"/etc", "/"})).what, (std::vector<std::string>{"/etc", "/"}));
    EXPECT_EQ(checked(restore(scratch_ / "new")).target, scratch_ / "new");
}

TEST_F(RunOrderTest, AsksTheAllowList) {
    forbids(restore("/etc"), "allow.write");
    forbids(restore("/"), "allow.write");
    forbids(backup({"/etc", scratch_ / "own"}), "own files");
    forbids(restore(scratch_ / "own/x"), "own files");
    expectError(
        ErrorCode::permissionDenied,
        [&] { checkedOrder(backup({"/etc"}), allow({"restore"}), *disk_); }, "allow.run");
    expectError(
        ErrorCode::permissionDenied,
        [&] { checkedOrder(restore(scratch_.path()), allow({"backup"}), *disk_); }, "allow.run");
}

TEST_F(RunOrderTest, ResolvesLinksOnTheWayToATarget) {
    std::filesystem::create_directory(scratch_ / "real");
    std::filesystem::create_directory_symlink(scratch_ / "real", scratch_ / "inside");
    std::filesystem::create_directory_symlink("/etc", scratch_ / "outside");
    EXPECT_EQ(checked(restore(scratch_ / "inside/x")).target, scratch_ / "real/x");
    forbids(restore(scratch_ / "outside"), "allow.write");
    forbids(restore(scratch_ / "outside/x"), "allow.write");
}

TEST_F(RunOrderTest, RefusesHostilePaths) {
    for (const std::string& path :
         {std::string(), std::string("etc"), std::string("/etc/../root"), std::string("/etc/"),
          std::string("//etc"), std::string("/./etc"), std::string("/e\0c", 4),
          "/" + std::string(2 << 20, 'x')}) {
        refuses(backup({"/ok", path}));
        refuses(restore(path));
    }
}

TEST_F(RunOrderTest, RefusesWhatMakesNoSense) {
    refuses(backup({}), "nothing");
    RunOrder order = backup({"/etc"});
    order.run = 0;
    refuses(order);
    order = backup({"/etc"});
    order.attempt = 0;
    refuses(order);
    order = backup({"/etc"});
    order.patterns = {std::string("a\0b", 3)};
    refuses(order, "pattern");
    order = backup({"/etc"});
    order.kind = "verify" + std::string(1000, 'x');
    expectError(ErrorCode::unsupported, [&] { checked(order); });
}

TEST_F(RunOrderTest, BoundsCountsAndLengths) {
    refuses(backup(std::vector<std::string>(10'001, "/etc")), "10000");
    refuses(backup(std::vector<std::string>(100, "/" + std::string(100'000, 'x'))), "large");
    RunOrder order = backup({"/etc"});
    order.token = Bytes(70'000);
    refuses(order, "token");
    order = backup({"/etc"});
    order.patterns.assign(10'000, "*");
    refuses(order);
    order = backup({"/etc"});
    order.options["x"] = std::string(9 << 20, 'x');
    refuses(order, "large");
}

TEST_F(RunOrderTest, ErrorsStayShort) {
    const auto error = errorOf([&] { checked(restore("/" + std::string(1 << 19, 'x'))); });
    ASSERT_TRUE(error);
    EXPECT_LT(std::string_view(error->what()).size(), 1000u);
}

}  // namespace
}  // namespace coffer
