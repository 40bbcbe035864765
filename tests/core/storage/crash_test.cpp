#include <gtest/gtest.h>

#include <cerrno>
#include <functional>
#include <optional>
#include <set>
#include <string>

#include "core/storage/local_store.h"
#include "tests/support/expect_error.h"
#include "tests/support/simulated_disk.h"

namespace coffer {
namespace {

const std::string root = "/var/store";
const std::string oldText(3000, 'o');
const std::string newText(5000, 'n');
constexpr CrashMode allModes[] = {CrashMode::killed, CrashMode::lost, CrashMode::hollow,
                                  CrashMode::torn};

/// A change of one object: what there is before, what is done, what is there after.
struct Change {
    const char* title;
    std::optional<std::string> before;
    std::function<void(ObjectStore&)> run;
    std::optional<std::string> after;
};

void PrintTo(const Change& change, std::ostream* out) {
    *out << change.title;
}

void create(ObjectStore& store) {
    const auto writer = store.create("packs/ab/x");
    writer->append(bytesOf(newText).first(2000));
    writer->append(bytesOf(newText).subspan(2000));
    writer->commit();
}

const Change changes[] = {
    {"create", std::nullopt, create, newText},
    {"put new", std::nullopt, [](auto& store) { store.put("packs/ab/x", bytesOf(newText)); },
     newText},
    {"put over", oldText, [](auto& store) { store.put("packs/ab/x", bytesOf(newText)); }, newText},
    {"remove", oldText, [](auto& store) { store.remove("packs/ab/x"); }, std::nullopt},
};

std::optional<std::string> contentOf(ObjectStore& store, std::string_view name) {
    if (!store.size(name)) return std::nullopt;
    return std::string(textOf(readAll(store, name, 1 << 20)));
}

std::set<std::string> namesIn(ObjectStore& store) {
    std::set<std::string> names;
    store.list("", [&](std::string_view name, std::uint64_t) { names.emplace(name); });
    return names;
}

/// A disk, a store on it that holds what a change needs and an object beside it.
struct Setting {
    explicit Setting(const Change& change) {
        if (change.before) store.put("packs/ab/x", bytesOf(*change.before));
        if (change.before) store.put("bystander", bytesOf("stays"));
        start = disk.points();
    }

    SimulatedDisk disk;
    LocalStore store{disk, root};
    std::uint64_t start = 0;
};

std::uint64_t pointsOf(const Change& change) {
    Setting setting(change);
    change.run(setting.store);
    return setting.disk.points() - setting.start;
}

/// The store after the crash: all of old or all of new, the rest untouched, and in working order.
void checkSurvivor(const Change& change, SimulatedDisk& disk, bool acknowledged) {
    LocalStore store(disk, root);
    const std::optional<std::string> content = contentOf(store, "packs/ab/x");
    if (acknowledged) {
        EXPECT_EQ(content, change.after);
    } else {
        EXPECT_TRUE(content == change.before || content == change.after);
    }
    if (change.before) {
        EXPECT_EQ(contentOf(store, "bystander"), "stays");
    }
    std::set<std::string> expected;
    if (content) expected.insert("packs/ab/x");
    if (change.before) expected.insert("bystander");
    EXPECT_EQ(namesIn(store), expected);

    store.clearTemporary();
    if (disk.stat(root + "/tmp")) {
        EXPECT_TRUE(disk.list(root + "/tmp").empty());
    }
    // The first change after the crash is as durable as any, whatever the crash left unsynced.
    store.put("packs/ab/x", bytesOf("again"));
    const auto later = disk.reopen(CrashMode::lost);
    LocalStore reopened(*later, root);
    EXPECT_EQ(contentOf(reopened, "packs/ab/x"), "again");
}

class ChangeTest : public testing::TestWithParam<Change> {};

TEST_P(ChangeTest, IsAllOrNothingWhereverItCrashes) {
    const Change& change = GetParam();
    const std::uint64_t points = pointsOf(change);
    ASSERT_GE(points, 2U);
    for (std::uint64_t point = 1; point <= points; ++point) {
        Setting setting(change);
        setting.disk.crashAt(setting.start + point);
        EXPECT_THROW(change.run(setting.store), SimulatedCrash);
        for (const CrashMode mode : allModes) {
            SCOPED_TRACE(testing::Message() << "point " << point << " mode " << int(mode));
            checkSurvivor(change, *setting.disk.reopen(mode), false);
        }
    }
}

TEST_P(ChangeTest, SurvivesAnyCrashOnceAcknowledged) {
    const Change& change = GetParam();
    Setting setting(change);
    change.run(setting.store);
    for (const CrashMode mode : allModes) {
        SCOPED_TRACE(testing::Message() << "mode " << int(mode));
        checkSurvivor(change, *setting.disk.reopen(mode), true);
    }
}

TEST_P(ChangeTest, SurvivesWhenTheFirstAttemptWasKilled) {
    const Change& change = GetParam();
    const std::uint64_t points = pointsOf(change);
    for (std::uint64_t point = 1; point <= points; ++point) {
        SCOPED_TRACE(testing::Message() << "point " << point);
        Setting setting(change);
        setting.disk.crashAt(setting.start + point);
        EXPECT_THROW(change.run(setting.store), SimulatedCrash);
        // The successor finds what was never synced still there, and must not trust it.
        const auto disk = setting.disk.reopen(CrashMode::killed);
        LocalStore successor(*disk, root);
        successor.put("fresh/y", bytesOf("new"));
        const auto later = disk->reopen(CrashMode::lost);
        LocalStore reopened(*later, root);
        EXPECT_EQ(contentOf(reopened, "fresh/y"), "new");
    }
}

void expectCleanFailure(const Change& change, int number, bool forGood) {
    const std::uint64_t points = pointsOf(change);
    for (std::uint64_t point = 1; point <= points; ++point) {
        SCOPED_TRACE(testing::Message() << "errno " << number << " point " << point);
        Setting setting(change);
        const std::uint64_t first = setting.start + point;
        setting.disk.failAt(number, first, forGood ? ~std::uint64_t{0} : first);
        const ErrorCode code = number == ENOSPC ? ErrorCode::noSpace : ErrorCode::ioError;
        expectError(
            code, [&] { change.run(setting.store); }, "packs/ab/x");

        const std::optional<std::string> content = contentOf(setting.store, "packs/ab/x");
        EXPECT_TRUE(content == change.before || content == change.after);
        // Only the sync of the folder, which comes last, fails after the change is to be seen.
        if (point < points) {
            EXPECT_EQ(content, change.before);
        }
        if (change.before) {
            EXPECT_EQ(contentOf(setting.store, "bystander"), "stays");
        }
        if (!forGood && setting.disk.stat(root + "/tmp")) {
            EXPECT_TRUE(setting.disk.list(root + "/tmp").empty());
        }

        setting.disk.failAt(0, 0);
        setting.store.put("packs/ab/x", bytesOf("again"));
        EXPECT_EQ(contentOf(setting.store, "packs/ab/x"), "again");
        checkSurvivor({"", change.before, {}, "again"}, *setting.disk.reopen(CrashMode::lost),
                      true);
    }
}

TEST_P(ChangeTest, FailsCleanlyOnAFullDisk) {
    expectCleanFailure(GetParam(), ENOSPC, false);
    expectCleanFailure(GetParam(), ENOSPC, true);
}

TEST_P(ChangeTest, FailsCleanlyOnABrokenDisk) {
    expectCleanFailure(GetParam(), EIO, false);
    expectCleanFailure(GetParam(), EIO, true);
}

std::string titleOf(const testing::TestParamInfo<Change>& change) {
    std::string title = change.param.title;
    std::erase(title, ' ');
    return title;
}

INSTANTIATE_TEST_SUITE_P(Changes, ChangeTest, testing::ValuesIn(changes), titleOf);

TEST(WriterFailure, EveryLaterCallFails) {
    SimulatedDisk disk;
    LocalStore store(disk, root);
    const auto writer = store.create("a");
    disk.failAt(EIO, disk.points() + 1, disk.points() + 1);
    expectError(
        ErrorCode::ioError, [&] { writer->append(bytesOf("x")); }, "a");
    EXPECT_TRUE(errorOf([&] { writer->append(bytesOf("y")); }));
    EXPECT_TRUE(errorOf([&] { writer->commit(); }));
    EXPECT_EQ(store.size("a"), std::nullopt);
}

// The simulation itself: that it forgets what was not synced, or the tests above prove nothing.
TEST(SimulatedDisk, ForgetsWhatWasNotSynced) {
    SimulatedDisk disk;
    disk.makeFolder("/d");
    disk.syncFolder("/");
    const auto writer = disk.create("/d/file");
    writer->write(bytesOf("12"));
    writer->sync();
    writer->write(bytesOf("3456"));
    const auto sizeAfter = [&](CrashMode mode) -> std::optional<std::uint64_t> {
        const auto entry = disk.reopen(mode)->stat("/d/file");
        return entry ? std::optional(entry->size) : std::nullopt;
    };
    EXPECT_EQ(sizeAfter(CrashMode::killed), 6U);
    EXPECT_EQ(sizeAfter(CrashMode::torn), 4U);
    EXPECT_EQ(sizeAfter(CrashMode::hollow), 2U);
    EXPECT_EQ(sizeAfter(CrashMode::lost), std::nullopt);
    disk.syncFolder("/d");
    EXPECT_EQ(sizeAfter(CrashMode::lost), 2U);
    disk.rename("/d/file", "/d/other");
    EXPECT_EQ(sizeAfter(CrashMode::lost), 2U);
    EXPECT_EQ(sizeAfter(CrashMode::killed), std::nullopt);
}

}  // namespace
}  // namespace coffer
