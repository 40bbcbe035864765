#include "workstation_agent/worker/target_views.h"

#include <gtest/gtest.h>

#include "core/source/memory_target.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

Attributes folderAttributes() {
    Attributes attributes;
    attributes.type = EntryType::folder;
    return attributes;
}

TEST(GuardedTarget, LetsNothingHappenInAClosedPlace) {
    MemoryTarget inner;
    inner.makeFolder("etc");
    inner.makeFolder("etc/own");
    GuardedTarget target(inner, {"etc/own"});
    const auto denied = ErrorCode::permissionDenied;
    for (const char* path : {"etc/own", "etc/own/x", "etc/own/x/y"}) {
        expectError(denied, [&] { target.makeFolder(path); });
        expectError(denied, [&] { target.createFile(path, {}); });
        expectError(denied, [&] { target.makeSpecial(path, {}); });
        expectError(denied, [&] { target.link(path, "etc/x"); });
        expectError(denied, [&] { target.link("etc/x", path); });
        expectError(denied, [&] { target.replace("etc/x", path); });
        expectError(denied, [&] { target.replace(path, "etc/x"); });
        expectError(denied, [&] { target.finishFolder(path, folderAttributes()); });
        expectError(denied, [&] { target.remove(path); });
    }
    target.makeFolder("etc/ownx");
    target.createFile("etc/own2", {})->finish({});
    EXPECT_TRUE(target.stat("etc/own2"));
    EXPECT_TRUE(target.stat("etc/own"));
}

TEST(FolderOfTarget, IsWhatLiesInAFolder) {
    MemoryTarget inner;
    inner.makeFolder("a");
    FolderOfTarget target(inner, "a");
    target.makeFolder("b");
    target.createFile("b/c", {})->finish({});
    target.link("b/c", "d");
    target.finishFolder("", folderAttributes());
    EXPECT_TRUE(inner.stat("a/b/c"));
    EXPECT_TRUE(inner.stat("a/d"));
    EXPECT_TRUE(target.stat(""));
    target.remove("d");
    EXPECT_FALSE(inner.stat("a/d"));
}

TEST(FolderOfTarget, OfTheTargetItselfIsTheTarget) {
    MemoryTarget inner;
    FolderOfTarget target(inner, "");
    target.makeFolder("b");
    EXPECT_TRUE(inner.stat("b"));
}

}  // namespace
}  // namespace coffer
