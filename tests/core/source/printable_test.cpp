#include "core/base/printable.h"

#include <gtest/gtest.h>

namespace coffer {
namespace {

TEST(Printable, LeavesReadableTextAlone) {
    EXPECT_EQ(printable(""), "");
    EXPECT_EQ(printable("plain text ~!\"'"), "plain text ~!\"'");
    EXPECT_EQ(printable("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"),
              "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
    EXPECT_EQ(printable("\xF4\x8F\xBF\xBF"), "\xF4\x8F\xBF\xBF");
}

TEST(Printable, EscapesControlCharacters) {
    EXPECT_EQ(printable("a\nb\x1B[31m\x7F"), "a\\x0ab\\x1b[31m\\x7f");
    EXPECT_EQ(printable(std::string_view("\0", 1)), "\\x00");
    EXPECT_EQ(printable("\xC2\x9B"), "\\xc2\\x9b");           // C1: another escape sequence
    EXPECT_EQ(printable("\xE2\x80\xAE"), "\\xe2\\x80\\xae");  // turns the direction of text
    EXPECT_EQ(printable("\xE2\x80\xA8"), "\\xe2\\x80\\xa8");  // ends a line
}

TEST(Printable, EscapesWhatIsNotUtf8) {
    EXPECT_EQ(printable("\xFF"), "\\xff");
    EXPECT_EQ(printable("a\xC3"), "a\\xc3");
    EXPECT_EQ(printable("\xC3z"), "\\xc3z");
    EXPECT_EQ(printable("\xC0\xAF"), "\\xc0\\xaf");                    // overlong
    EXPECT_EQ(printable("\xE0\x80\xAF"), "\\xe0\\x80\\xaf");           // overlong
    EXPECT_EQ(printable("\xED\xA0\x80"), "\\xed\\xa0\\x80");           // surrogate
    EXPECT_EQ(printable("\xF4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");  // beyond Unicode
    EXPECT_EQ(printable("\x80"), "\\x80");
}

TEST(Printable, KeepsDifferentTextsApart) {
    EXPECT_EQ(printable("\\x0a"), "\\\\x0a");
    EXPECT_NE(printable("\\x0a"), printable("\n"));
}

}  // namespace
}  // namespace coffer
