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
        switch (below(9)) {
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
            case 3:
                replaceFolder(anything(side));
                return;
            case 4:
                takeOut(below(2) == 0 ? path : anything(side));
                return;
            case 5:
                putBack();
                return;
            case 6:
                if (settings_.rules.readsContent) changeUnseen(anything(side));
                return;
            default:
                write(path);
        }
    }

    // The path of something that is there.
    std::string anything(const std::string& side) {
        const auto found = all(side);
        if (found.empty()) return side + "/none";
        return side + std::next(found.begin(), below(static_cast<unsigned>(found.size())))->first;
    }

    void replaceFolder(const std::string& path) {
        if (!fs::is_directory(fs::symlink_status(scratch_ / path))) return;
        fs::remove_all(scratch_ / path);
        write(path);
    }

    // Something goes, and comes back later as it was.
    void takeOut(const std::string& path) {
        if (!out_.empty() || !fs::exists(fs::symlink_status(scratch_ / path))) return;
        fs::rename(scratch_ / path, scratch_ / "out");
        out_ = path;
    }

    void putBack() {
        if (out_.empty() || !isFree(scratch_ / out_)) return;
        fs::rename(scratch_ / "out", scratch_ / out_);
        out_.clear();
    }

    // Another content with the same size and time.
    void changeUnseen(const std::string& path) {
        if (!fs::is_regular_file(fs::symlink_status(scratch_ / path))) return;
        const std::int64_t time = tree_.stat(scratch_ / path).modified->seconds;
        std::string text = std::to_string(++version_) + " unseen";
        const std::size_t size = content(path).size();
        if (text.size() > size) return;
        text.resize(size, '.');
        put(path, text, time);
        unseen_.insert(text);
    }

    // Whether the other side has a file that looks the same: else nobody sees that it has changed.
    bool isSeen(const std::string& path, const std::string& side, const std::string& other) {
        if (!fs::is_regular_file(fs::symlink_status(scratch_ / (other + path)))) return false;
        const ObjectEntry here = tree_.stat(scratch_ / (side + path));
        const ObjectEntry there = tree_.stat(scratch_ / (other + path));
        return here.size == there.size && here.modified == there.modified;
    }

    // Whether a folder that it is in is something else on the other side: then both stay.
    bool isInConflict(const std::string& path, const std::string& other) {
        for (fs::path at = fs::path(path).parent_path(); at != "/"; at = at.parent_path()) {
            const auto status = fs::symlink_status(scratch_ / (other + at.string()));
            if (fs::exists(status) && !fs::is_directory(status)) return true;
        }
        return false;
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

    // What is there and has to be so afterwards: what is new, what neither side has deleted, and
    // what is in a folder that is a file on the other side.
    void note(const std::string& side, const std::string& other, std::set<std::string>& owed) {
        const auto there = all(other);
        for (const auto& [path, text] : all(side)) {
            if (text == "/") continue;
            const auto found = there.find(path);
            const bool isOnBoth = found != there.end() && found->second == text;
            const bool isNew =
                unseen_.contains(text) ? isSeen(path, side, other) : !known_.contains(text);
            if (isNew || isOnBoth || isInConflict(path, other)) owed.insert(text);
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
    std::set<std::string> known_;   // on both sides at the end of the last one
    std::set<std::string> unseen_;  // written since with the look of what was there
    std::string out_;               // path of what is not there for a while
};

TEST_P(SyncProperty, BothSidesAreTheSameAndNoVersionIsLost) {
    settings_.rules.twoWay = true;
    settings_.rules.readsContent = GetParam() % 2 == 1;
    for (int round = 0; round < 12; ++round) {
        SCOPED_TRACE(round);
        for (unsigned edits = below(12); edits > 0; --edits) edit(below(2) == 0 ? "a" : "b");
        clock_.advance(1);
        std::set<std::string> owed;
        note("a", "b", owed);
        note("b", "a", owed);
        // Cut at any call, none to several times; users go on in between.
        for (unsigned cuts = below(3); cuts > 0; --cuts) {
            (below(2) == 0 ? a_ : b_).allow(static_cast<int>(below(60)));
            a_.kills = b_.kills = below(2) == 0;
            try {
                run();
            } catch (const Error& error) {
                EXPECT_EQ(error.code(), ErrorCode::unavailable);
            } catch (const Killed&) {
            }
            a_.allow(-1);
            b_.allow(-1);
            clock_.advance(1);
        }
        run();
        for (const Problem& problem : problems_) ADD_FAILURE() << problem.message;
        EXPECT_EQ(all("a"), all("b"));
        known_ = texts("a");
        unseen_.clear();
        for (const std::string& text : owed) EXPECT_TRUE(known_.contains(text)) << text;
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
