#include "core/agent/line_splitter.h"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace coffer {
namespace {

class LineSplitterTest : public testing::Test {
  protected:
    void feed(std::string_view text) {
        splitter_.feed(bytesOf(text), [this](LineSplitter::Line line) { keep(std::move(line)); });
    }
    void finish() {
        splitter_.finish([this](LineSplitter::Line line) { keep(std::move(line)); });
    }
    void keep(LineSplitter::Line line) {
        lines_.push_back(std::move(line.text) + (line.cut ? "~" : ""));
    }

    LineSplitter splitter_{8};
    std::vector<std::string> lines_;
};

using Lines = std::vector<std::string>;

TEST_F(LineSplitterTest, PutsPiecesTogether) {
    feed("ab");
    EXPECT_EQ(lines_, Lines());
    feed("c\nd\n\ne");
    EXPECT_EQ(lines_, (Lines{"abc", "d"}));
    finish();
    EXPECT_EQ(lines_, (Lines{"abc", "d", "e"}));
}

TEST_F(LineSplitterTest, TakesALineOfFullLength) {
    feed("12345678\n");
    EXPECT_EQ(lines_, (Lines{"12345678"}));
}

TEST_F(LineSplitterTest, CutsWhatIsTooLongAndGoesOnBehindIt) {
    feed("123456789");
    EXPECT_EQ(lines_, (Lines{"12345678~"}));
    feed("and much more");
    feed("\nnext\n");
    finish();
    EXPECT_EQ(lines_, (Lines{"12345678~", "next"}));
}

TEST_F(LineSplitterTest, GivesNothingForTheRestOfACutLine) {
    feed("123456789abc");
    finish();
    EXPECT_EQ(lines_, (Lines{"12345678~"}));
}

}  // namespace
}  // namespace coffer
