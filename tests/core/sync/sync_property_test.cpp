// Random trees, edited on both sides between synchronisations, some of which are cut.

#include <random>

#include "tests/core/sync/sync_fixture.h"

namespace coffer {
namespace {

namespace fs = std::filesystem;

class SyncProperty : public SyncTest, public testing::WithParamInterface<unsigned> {
  protected:
    unsigned below(unsigned bound) { return static_cast<unsigned>(random_() % bound); }

    std::string somewhere() {
        static const std::vector<std::string> names{"a", "b", "c", "\xff", "d d"};
        std::string path;
        for (unsigned depth = below(3) + 1; depth > 0; --depth) {
            path += "/" + names[below(static_cast<unsigned>(names.size()))];
        }
        return path;
    }

    // A change that any user could make on one side.
    void edit(const std::string& side) {
        const std::string path = side + somewhere();
        const fs::path place = scratch_ / path;
        switch (below(5)) {
            case 0:
                if (fs::is_directory(fs::symlink_status(place.parent_path())))
                    fs::remove_all(place);
                return;
            case 1:
                if (isFree(place)) fs::create_directories(place);
                return;
            case 2:
                if (isFree(place)) fs::create_symlink("to " + std::to_string(++version_), place);
                return;
            default:
                write(path);
        }
    }

    // A path in folders that are there, where nothing is.
    static bool isFree(const fs::path& place) {
        return fs::is_directory(fs::symlink_status(place.parent_path())) &&
               !fs::exists(fs::symlink_status(place));
    }

    void write(const std::string& path) {
        const fs::path place = scratch_ / path;
        if (!fs::is_directory(fs::symlink_status(place.parent_path()))) return;
        if (fs::exists(fs::symlink_status(place)) &&
            !fs::is_regular_file(fs::symlink_status(place))) {
            return;
        }
        const std::string text = "version " + std::to_string(++version_);
        versions_.insert(text);
        // A time of its own, in no order: of one size and time are only files that are the same.
        const std::int64_t time = 1'000 + version_ * 7'919LL % 100'003;
        put(path, text + std::string(below(3), '.'), time);
    }

    // What was written since the last synchronisation and is there.
    void note(const std::string& side, std::set<std::string>& fresh) {
        for (const auto& [path, text] : all(side)) {
            if (text != "/" && !known_.contains(text)) fresh.insert(text);
        }
    }

    std::set<std::string> texts(const std::string& side) {
        std::set<std::string> found;
        for (const auto& [path, text] : all(side)) found.insert(text);
        return found;
    }

    std::mt19937 random_{GetParam()};
    int version_ = 0;
    std::set<std::string> versions_;
    std::set<std::string> known_;  // on both sides at the end of the last one
};

TEST_P(SyncProperty, BothSidesAreTheSameAndNoVersionIsLost) {
    settings_.rules.twoWay = true;
    for (int round = 0; round < 12; ++round) {
        SCOPED_TRACE(round);
        for (unsigned edits = below(12); edits > 0; --edits) edit(below(2) == 0 ? "a" : "b");
        clock_.advance(1);
        std::set<std::string> fresh;
        note("a", fresh);
        note("b", fresh);
        // Cut at any call, none to several times; users go on in between.
        for (unsigned cuts = below(3); cuts > 0; --cuts) {
            (below(2) == 0 ? a_ : b_).allow(static_cast<int>(below(60)));
            try {
                run();
            } catch (const Error& error) {
                EXPECT_EQ(error.code(), ErrorCode::unavailable);
            }
            a_.allow(-1);
            b_.allow(-1);
            clock_.advance(1);
        }
        run();
        for (const Problem& problem : problems_) ADD_FAILURE() << problem.message;
        EXPECT_EQ(all("a"), all("b"));
        known_ = texts("a");
        for (const std::string& text : fresh) EXPECT_TRUE(known_.contains(text)) << text;
        const SyncCounts again = run();
        EXPECT_EQ(again.files + again.links + again.folders + again.removed + again.adjusted, 0U);
    }
}

TEST_P(SyncProperty, AMirrorBecomesTheSource) {
    settings_.rules.erases = true;
    for (int round = 0; round < 6; ++round) {
        SCOPED_TRACE(round);
        for (unsigned edits = below(15); edits > 0; --edits) edit(below(3) == 0 ? "b" : "a");
        const auto before = all("a");
        run();
        for (const Problem& problem : problems_) ADD_FAILURE() << problem.message;
        EXPECT_EQ(all("a"), before);
        EXPECT_EQ(all("b"), before);
    }
}

INSTANTIATE_TEST_SUITE_P(Seeds, SyncProperty, testing::Range(0U, 40U));

}  // namespace
}  // namespace coffer
