#include "core/source/memory_source.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"

namespace coffer {
namespace {

class MemorySourceTest : public testing::Test {
  protected:
    MemorySourceTest() { source.addFile("/file", bytesOf("0123456789")); }
    std::unique_ptr<FileReader> openFile() {
        const auto root = source.openFolder("/");
        return root->open(*root->stat("file"));
    }
    MemorySource source;
};

TEST_F(MemorySourceTest, HolesAreRegionsAndReadAsZeros) {
    source.change("/file", [](MemoryEntry& entry) {
        entry.content = {{4, {1, 2}}, {6, {3}}, {20, {9}}};
        entry.stat.size = 30;
    });
    const auto file = openFile();
    const auto expectRegion = [&](std::uint64_t at, std::uint64_t length, bool hole) {
        EXPECT_EQ(file->regionAt(at).length, length) << at;
        EXPECT_EQ(file->regionAt(at).hole, hole) << at;
    };
    expectRegion(0, 4, true);
    expectRegion(4, 3, false);
    expectRegion(5, 2, false);
    expectRegion(7, 13, true);
    expectRegion(21, 9, true);
    Bytes all(40);
    EXPECT_EQ(file->readAt(0, all), 30u);
    EXPECT_EQ(all[3], 0);
    EXPECT_EQ(all[4], 1);
    EXPECT_EQ(all[6], 3);
    EXPECT_EQ(all[20], 9);
}

TEST_F(MemorySourceTest, ScriptedErrorsComeWhereAsked) {
    const auto root = source.openFolder("/");
    const Stat stat = *root->stat("file");
    const auto script = [&](auto member, ErrorCode code) {
        source.change("/file",
                      [&](MemoryEntry& entry) { entry.*member = Error(code, "scripted"); });
    };
    source.change("/file", [](MemoryEntry& entry) { entry.readErrorAt = 5; });
    const auto file = root->open(stat);
    Bytes buffer(5);
    EXPECT_EQ(file->readAt(0, buffer), 5u);
    expectError(ErrorCode::ioError, [&] { file->readAt(1, buffer); });
    EXPECT_EQ(file->readAt(6, buffer), 4u);
    script(&MemoryEntry::statError, ErrorCode::ioError);
    expectError(ErrorCode::ioError, [&] { root->stat("file"); });
    script(&MemoryEntry::detailsError, ErrorCode::permissionDenied);
    expectError(ErrorCode::permissionDenied, [&] { root->details(stat); });
    script(&MemoryEntry::openError, ErrorCode::permissionDenied);
    expectError(ErrorCode::permissionDenied, [&] { root->open(stat); });
    EXPECT_EQ(source.filesOpened(), 1u);
}

TEST_F(MemorySourceTest, AnEntryCanVanishAfterTheList) {
    source.change("/file", [](MemoryEntry& entry) { entry.vanishesAfterList = true; });
    const auto root = source.openFolder("/");
    unsigned listed = 0;
    root->list([&](std::string_view) { ++listed; });
    EXPECT_EQ(listed, 1u);
    EXPECT_FALSE(root->stat("file"));
}

TEST_F(MemorySourceTest, AFileCanChangeWhileItIsRead) {
    source.change("/file", [](MemoryEntry& entry) {
        entry.afterRead = [](MemoryEntry& self, std::uint64_t) {
            self.setContent(bytesOf("changed"));
            ++self.stat.ctime.seconds;
        };
    });
    const auto file = openFile();
    const Stat before = file->statNow();
    Bytes buffer(3);
    file->readAt(0, buffer);
    EXPECT_EQ(textOf(buffer), "012");
    EXPECT_NE(file->statNow().ctime, before.ctime);
    EXPECT_EQ(file->regionAt(0).length, 7u);
}

TEST_F(MemorySourceTest, PathsAreTakenOnce) {
    expectError(ErrorCode::alreadyExists, [&] { source.addFolder("/file"); });
    expectError(ErrorCode::notFound, [&] { source.addFolder("/none/folder"); });
    expectError(ErrorCode::conflict, [&] { source.addFolder("/file/folder"); });
}

}  // namespace
}  // namespace coffer
