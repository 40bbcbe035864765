#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/rescue/rescue_fixture.h"
#include "tests/support/expect_error.h"
#include "tests/support/nasty_tree.h"
#include "tests/support/tree_builder.h"
#include "tools/tree_compare/tree_compare.h"

namespace coffer::rescue {
namespace {

namespace fs = std::filesystem;

std::string differences(const std::string& a, const std::string& b) {
    std::string text;
    compareTrees(a, b, {}, [&](const std::string& line) { text += line + "\n"; });
    return text;
}

// Removed with what tree builders put there that a plain removal does not manage.
struct Work : ScratchFolder {
    ~Work() {
        removeTree(*this / "source");
        removeTree(*this / "target");
    }
};

class Rescue : public testing::Test {
  protected:
    std::string file(int number) const { return source / ("f" + std::to_string(number)); }

    void write(const std::string& path, ByteView content) {
        std::ofstream(path, std::ios::binary) << textOf(content);
    }

    // Files too large to share a block with another one.
    void backUpFiles(int number) {
        for (int i = 0; i < number; ++i) write(file(i), randomContent(dice, 600'000));
        fixture.backup(source.path());
    }

    std::string restoreLatest() {
        fixture.restoreTo("latest:" + source.path(), target / "all");
        return differences(source.path(), target / "all");
    }

    // Runs the program itself; what it prints goes to `output`.
    int program(const std::string& arguments) {
        write(target / "kit", bytesOf(fixture.kitText));
        const std::string command = std::string(RESCUE_PROGRAM " --kit ") + (target / "kit") + " " +
                                    arguments + " > " + (target / "output") + " 2>&1";
        const int status = std::system(command.c_str());
        std::ifstream in(target / "output");
        output.assign(std::istreambuf_iterator<char>(in), {});
        return WEXITSTATUS(status);
    }

    Dice dice{1};
    RescueFixture fixture;
    ScratchFolder source;
    ScratchFolder target;
    std::string output;
};

TEST(RescueFidelity, NastyTreeComesBackWhole) {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root: owners, devices, flags";
    RescueFixture fixture;
    Work work;
    makeNastyTree(work / "source", 3000, 11);
    fixture.backup(work / "source");
    fixture.restoreTo("latest:" + (work / "source"), work / "target");
    EXPECT_EQ(fixture.problems, "");
    EXPECT_EQ(differences(work / "source", work / "target"), "");
    EXPECT_NE(fixture.check().find("all in order"), std::string::npos) << fixture.problems;
}

TEST(RescueFidelity, ListsOfListsComeBack) {
    RescueFixture fixture({64, 128, 256});
    Work work;
    fs::create_directory(work / "source");
    Dice dice(5);
    std::ofstream(work / "source/large", std::ios::binary) << textOf(randomContent(dice, 1 << 18));
    fixture.backup(work / "source");
    fixture.restoreTo("latest:" + (work / "source"), work / "target");
    EXPECT_EQ(fixture.problems, "");
    EXPECT_EQ(differences(work / "source", work / "target"), "");
    EXPECT_NE(fixture.check().find("all in order"), std::string::npos) << fixture.problems;
}

TEST_F(Rescue, ListsSnapshotsThatAreNotForgotten) {
    write(file(0), bytesOf("one"));
    const auto first = fixture.backup(source.path());
    write(file(0), bytesOf("second"));
    const auto second = fixture.backup(source.path());
    EXPECT_NE(fixture.list().find(first.id.hex()), std::string::npos);
    fixture.server->forget(first.id);
    const std::string listing = fixture.list();
    EXPECT_EQ(listing.find(first.id.hex()), std::string::npos) << listing;
    EXPECT_NE(listing.find(second.id.hex()), std::string::npos) << listing;
    EXPECT_EQ(fixture.problems, "");
    expectError(ErrorCode::notFound, [&] { fixture.ls(first.id.hex()); });
}

TEST_F(Rescue, RestoresByIdWhatIsForgottenAndNotGone) {
    write(file(0), bytesOf("one"));
    const auto first = fixture.backup(source.path());
    write(file(0), bytesOf("second"));
    const auto second = fixture.backup(source.path());
    fixture.server->trash(std::span(&second.id, 1), {2'000'000'000, 0});
    fixture.server->mark(first.id, [](SnapshotMark& mark) { mark.addTag("release"); });
    const std::string listing = fixture.list();
    const auto line = listing.find(second.id.hex());
    ASSERT_NE(line, std::string::npos) << listing;
    EXPECT_GT(listing.find("(forgotten, due 2033-05-18T03:33:20Z)"), line) << listing;
    EXPECT_EQ(fixture.ls("latest:" + file(0)), fixture.ls(first.id.hex() + ":" + file(0)));
    fixture.restoreTo(second.id.hex() + ":" + file(0), target / "one");
    EXPECT_EQ(fs::file_size(target / "one" / fs::path(file(0)).filename()), 6U);
    EXPECT_EQ(fixture.problems, "");
}

TEST_F(Rescue, ShowsFoldersAndRestoresASingleFile) {
    write(source / "line\nbreak", bytesOf("odd"));
    fixture.backup(source.path());
    EXPECT_NE(fixture.ls("latest:" + source.path()).find("line\\x0abreak"), std::string::npos);
    fixture.restoreTo("latest:" + (source / "line\nbreak"), target / "one");
    EXPECT_EQ(fs::file_size(target / "one/line\nbreak"), 3U);
    expectError(ErrorCode::notFound, [&] { fixture.ls("latest:/no/such"); });
}

TEST_F(Rescue, FoldersInSegmentsComeBack) {
    for (int i = 0; i < 5000; ++i) write(file(i), {});
    fixture.backup(source.path());
    EXPECT_EQ(restoreLatest(), "");
    EXPECT_EQ(fixture.problems, "");
    EXPECT_NE(fixture.ls("latest:" + file(4321)).find("f4321"), std::string::npos);
}

TEST_F(Rescue, AFlippedOctetInAPackCostsOnlyTheFilesConcerned) {
    backUpFiles(6);
    std::string largest;
    std::uint64_t size = 0;
    fixture.store.list("packs/", [&](std::string_view name, std::uint64_t octets) {
        if (octets > size) largest = name, size = octets;
    });
    fixture.flip(largest, size / 2);
    // A block is smaller than one file, but may hold the end of one and the beginning of others.
    const std::string different = restoreLatest();
    const auto concerned = std::count(different.begin(), different.end(), '\n');
    EXPECT_GE(concerned, 1);
    EXPECT_LE(concerned, 4) << different;
    EXPECT_NE(fixture.problems.find("octets are lost"), std::string::npos) << fixture.problems;
    EXPECT_EQ(std::count(fixture.problems.begin(), fixture.problems.end(), '\n'), concerned);
    const std::string summary = fixture.check();
    EXPECT_NE(fixture.problems.find(largest.substr(9)), std::string::npos) << fixture.problems;
    EXPECT_NE(fixture.problems.find("octets are lost"), std::string::npos) << fixture.problems;
    EXPECT_EQ(summary.find("all in order"), std::string::npos);
}

TEST_F(Rescue, EveryDamagedPlaceInAnyPackIsSurvived) {
    backUpFiles(2);
    for (const std::string& pack : fixture.objects("packs/")) {
        const auto size = *fixture.store.size(pack);
        for (const std::uint64_t offset :
             {std::uint64_t{0}, std::uint64_t{9}, std::uint64_t{40}, std::uint64_t{60},
              std::uint64_t{200}, std::uint64_t{290}, size - 60, size - 20, size - 1}) {
            fixture.flip(pack, offset);
            const std::string to = target / (pack.substr(9) + std::to_string(offset));
            EXPECT_FALSE(errorOf([&] { fixture.restoreTo("latest", to); }));
            EXPECT_NE(fixture.problems, "") << pack << " at " << offset;
            fixture.flip(pack, offset);
        }
    }
    EXPECT_EQ(restoreLatest(), "");
    EXPECT_EQ(fixture.problems, "");
}

TEST_F(Rescue, AMissingPackIsSurvived) {
    backUpFiles(3);
    for (const std::string& pack : fixture.objects("packs/")) {
        fs::rename(fixture.path() + "/" + pack, target / "away");
        EXPECT_NO_THROW(fixture.restoreTo("latest", target / pack.substr(9)));
        EXPECT_NE(fixture.problems, "");
        fs::rename(target / "away", fixture.path() + "/" + pack);
    }
}

TEST_F(Rescue, TheKitOfAnotherRepositoryIsRefused) {
    backUpFiles(1);
    const RescueFixture other;
    fixture.kitText = other.kitText;
    expectError(ErrorCode::wrongKey, [&] { fixture.list(); });
}

TEST_F(Rescue, ADamagedSnapshotCostsNoOther) {
    backUpFiles(1);
    const auto damaged = fixture.objects("snapshots/");
    backUpFiles(1);
    fixture.flip(damaged.at(0), 100);
    EXPECT_EQ(restoreLatest(), "");
    EXPECT_EQ(fixture.problems, "");
    fixture.list();
    EXPECT_NE(fixture.problems.find(damaged.at(0).substr(10)), std::string::npos);
    expectError(ErrorCode::corrupt, [&] { fixture.ls(damaged.at(0).substr(10)); });
}

TEST_F(Rescue, NothingIsWrittenIntoTheRepository) {
    backUpFiles(1);
    const auto state = [&] {
        std::string text;
        for (const auto& entry : fs::recursive_directory_iterator(fixture.path())) {
            text += entry.path().string() + " " +
                    std::to_string(entry.last_write_time().time_since_epoch().count()) + "\n";
        }
        return text;
    };
    const std::string before = state();
    fixture.check();
    restoreLatest();
    EXPECT_EQ(state(), before);
}

TEST_F(Rescue, ExitCodesTellWhatHappened) {
    backUpFiles(2);
    const std::string repository = fixture.path();
    EXPECT_EQ(program("list " + repository), 0) << output;
    EXPECT_EQ(program("check " + repository), 0) << output;
    EXPECT_EQ(program("ls " + repository + " latest:/"), 0) << output;
    EXPECT_EQ(program("restore " + repository + " latest --to " + (target / "a")), 0) << output;
    EXPECT_EQ(program("restore " + repository + " latest --to " + (target / "a")), 1) << output;
    EXPECT_EQ(program("restore " + repository + " latest"), 2) << output;
    EXPECT_EQ(program("list " + repository + "-not"), 1) << output;
    EXPECT_EQ(program("--help"), 0) << output;
    fixture.flip(fixture.objects("packs/").at(0), 300);
    EXPECT_EQ(program("restore " + repository + " latest --to " + (target / "b")), 3) << output;
    EXPECT_EQ(program("check " + repository), 3) << output;
}

}  // namespace
}  // namespace coffer::rescue
