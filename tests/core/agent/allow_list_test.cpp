#include "core/agent/allow_list.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "core/agent/allowed_tree.h"
#include "core/storage/disk.h"
#include "tests/support/expect_error.h"
#include "tests/support/scratch_folder.h"

namespace coffer {
namespace {

using Right = AllowList::Right;
using Extent = AllowList::Extent;

class AllowListTest : public testing::Test {
  protected:
    AllowList list(std::vector<std::string> read, std::vector<std::string> write,
                   std::vector<std::string> own = {}) {
        return AllowList({std::move(read), std::move(write), {"backup"}}, own, *disk_);
    }

    std::unique_ptr<Disk> disk_ = makeSystemDisk();
    ScratchFolder scratch_;
};

TEST_F(AllowListTest, LetsInWhatLiesBelow) {
    const AllowList allowed = list({"/home", "/etc/"}, {"/home/ann"});
    for (const char* path : {"/home", "/home/ann/x", "/etc", "/etc/passwd"}) {
        EXPECT_FALSE(errorOf([&] { allowed.check(Right::read, path); })) << path;
    }
    for (const char* path : {"/", "/homes", "/var", "/etcetera/x"}) {
        expectError(
            ErrorCode::permissionDenied, [&] { allowed.check(Right::read, path); }, "allow.read");
    }
    EXPECT_FALSE(errorOf([&] { allowed.check(Right::write, "/home/ann/x"); }));
    expectError(
        ErrorCode::permissionDenied, [&] { allowed.check(Right::write, "/home/bob"); },
        "allow.write");
}

TEST_F(AllowListTest, AnEmptyListForbidsAll) {
    const AllowList allowed = list({}, {});
    expectError(ErrorCode::permissionDenied, [&] { allowed.check(Right::read, "/"); });
    expectError(ErrorCode::permissionDenied, [&] { allowed.check(Right::write, "/tmp"); });
}

TEST_F(AllowListTest, HooksAreProgramsThatItNames) {
    AllowList::Settings settings;
    const auto allows = [&](const std::string& program) {
        return !errorOf([&] { AllowList(settings, {}, *disk_).checkHook(program); });
    };
    EXPECT_FALSE(allows("/etc/coffer/hooks/dump"));
    settings.hooks = {"/etc/coffer/hooks/*", "/usr/bin/true"};
    for (const char* program : {"/etc/coffer/hooks/dump", "/usr/bin/true"}) {
        EXPECT_TRUE(allows(program)) << program;
    }
    for (const char* program :
         {"/etc/coffer/hooks", "/etc/coffer/hooks/", "/etc/coffer/hooks/sub/dump", "/usr/bin/false",
          "/x/usr/bin/true", "/etc/coffer/hooks/../../../bin/sh", "dump", ""}) {
        EXPECT_FALSE(allows(program)) << program;
    }
    expectError(
        ErrorCode::permissionDenied, [&] { AllowList(settings, {}, *disk_).checkHook("/bin/sh"); },
        "allow.hooks");
    for (const char* wrong : {"hooks/*", "*", "!/bin/sh", "/etc/coffer/hooks/", "/[a"}) {
        settings.hooks = {wrong};
        expectError(
            ErrorCode::invalidArgument, [&] { AllowList(settings, {}, *disk_); }, "allow.hooks");
    }
}

TEST_F(AllowListTest, TheRootLetsEverythingIn) {
    const AllowList allowed = list({"/"}, {"/"});
    EXPECT_FALSE(errorOf([&] { allowed.check(Right::read, "/"); }));
    EXPECT_FALSE(errorOf([&] { allowed.check(Right::write, "/a/b"); }));
}

TEST_F(AllowListTest, KeepsTheAgentsOwnFiles) {
    const AllowList allowed = list({"/"}, {"/"}, {"/var/lib/agent", "/etc/coffer/agent.ini"});
    for (const Right right : {Right::read, Right::write}) {
        for (const char* path :
             {"/var/lib/agent", "/var/lib/agent/agent.pem", "/etc/coffer/agent.ini"}) {
            expectError(
                ErrorCode::permissionDenied, [&] { allowed.check(right, path); }, "own files");
        }
        EXPECT_FALSE(errorOf([&] { allowed.check(right, "/var/lib"); }));
        expectError(ErrorCode::permissionDenied,
                    [&] { allowed.check(right, "/var/lib", Extent::whole); });
        EXPECT_FALSE(errorOf([&] { allowed.check(right, "/var/lib/agents", Extent::whole); }));
    }
}

TEST_F(AllowListTest, ResolvesLinksInItsPrefixes) {
    std::filesystem::create_directory(scratch_ / "data");
    std::filesystem::create_directory_symlink(scratch_ / "data", scratch_ / "home");
    const AllowList allowed = list({scratch_ / "home"}, {});
    EXPECT_FALSE(errorOf([&] { allowed.check(Right::read, scratch_ / "data/x"); }));
    EXPECT_FALSE(errorOf([&] { allowed.check(Right::read, scratch_ / "home/x"); }));
}

TEST_F(AllowListTest, NamesTheSettingThatMakesNoSense) {
    expectError(
        ErrorCode::invalidArgument, [&] { list({"home"}, {}); }, "allow.read");
    expectError(
        ErrorCode::invalidArgument, [&] { list({}, {"/a/../b"}); }, "allow.write");
    expectError(
        ErrorCode::invalidArgument,
        [&] {
            AllowList({{}, {}, {"format"}}, {}, *disk_);
        },
        "allow.run");
}

TEST_F(AllowListTest, KnowsKindsOfRuns) {
    const AllowList allowed = list({"/"}, {"/"});
    EXPECT_FALSE(errorOf([&] { allowed.checkRun("backup"); }));
    expectError(
        ErrorCode::permissionDenied, [&] { allowed.checkRun("restore"); }, "allow.run");
}

/// A tree that counts how often it is asked.
class AskedTree : public ObjectTree {
  public:
    unsigned asked = 0;
    ObjectEntry stat(const std::string&) override { return ++asked, ObjectEntry{}; }
    std::unique_ptr<EntryCursor> list(const std::string&) override { return ++asked, nullptr; }
    Bytes read(const std::string&, std::uint64_t, std::size_t) override { return ++asked, Bytes{}; }
    void write(const std::string&, std::uint64_t, ByteView) override { ++asked; }
    void resize(const std::string&, std::uint64_t) override { ++asked; }
    void createFile(const std::string&) override { ++asked; }
    void createFolder(const std::string&) override { ++asked; }
    void erase(const std::string&, bool) override { ++asked; }
    void move(const std::string&, const std::string&) override { ++asked; }
    void copy(const std::string&, const std::string&) override { ++asked; }
};

TEST_F(AllowListTest, GuardsEveryOperationOfATree) {
    AskedTree inner;
    const AllowList allowed = list({"/pub", "/in"}, {"/in", "/secret"});
    AllowedTree tree(inner, allowed);
    const auto denied = [](auto&& work) { expectError(ErrorCode::permissionDenied, work); };
    denied([&] { tree.stat("/x"); });
    denied([&] { tree.list("/x"); });
    denied([&] { tree.read("/secret/x", 0, 1); });
    denied([&] { tree.write("/pub/x", 0, {}); });
    denied([&] { tree.resize("/pub/x", 0); });
    denied([&] { tree.createFile("/pub/x"); });
    denied([&] { tree.createFolder("/pub/x"); });
    denied([&] { tree.erase("/pub/x", true); });
    denied([&] { tree.move("/in/x", "/pub/x"); });
    denied([&] { tree.move("/pub/x", "/in/x"); });
    denied([&] { tree.move("/secret/x", "/in/x"); });  // it could be read there
    denied([&] { tree.copy("/in/x", "/pub/x"); });
    denied([&] { tree.copy("/secret/x", "/in/x"); });
    expectError(ErrorCode::invalidArgument, [&] { tree.stat("/pub/../secret/x"); });
    EXPECT_EQ(inner.asked, 0u);

    tree.stat("/pub/x");
    tree.list("/pub");
    tree.read("/pub/x", 0, 1);
    tree.write("/in/x", 0, {});
    tree.resize("/in/x", 0);
    tree.createFile("/in/x");
    tree.createFolder("/in/x");
    tree.erase("/in/x", false);
    tree.move("/in/x", "/in/y");
    tree.copy("/pub/x", "/in/y");
    EXPECT_EQ(inner.asked, 10u);
}

}  // namespace
}  // namespace coffer
