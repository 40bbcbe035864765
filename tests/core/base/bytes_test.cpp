#include "core/base/bytes.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"

namespace coffer {
namespace {

TEST(Bytes, TextAndBack) {
    const std::string text("a\0\xff", 3);
    EXPECT_EQ(toBytes(bytesOf(text)), (Bytes{'a', 0, 0xff}));
    EXPECT_EQ(textOf(bytesOf(text)), text);
    Bytes bytes{1};
    append(bytes, Bytes{2, 3});
    append(bytes, {});
    EXPECT_EQ(bytes, (Bytes{1, 2, 3}));
}

TEST(Hex, WritesLowerCase) {
    EXPECT_EQ(toHex({}), "");
    EXPECT_EQ(toHex(Bytes{0x00, 0x0f, 0xa0, 0xff}), "000fa0ff");
}

TEST(Hex, ReadsEitherCase) {
    EXPECT_EQ(fromHex(""), Bytes{});
    EXPECT_EQ(fromHex("000fA0fF"), (Bytes{0x00, 0x0f, 0xa0, 0xff}));
}

TEST(Hex, EveryOctetComesBack) {
    Bytes all;
    for (int i = 0; i < 256; ++i) all.push_back(static_cast<std::uint8_t>(i));
    EXPECT_EQ(fromHex(toHex(all)), all);
}

TEST(Hex, RefusesWhatIsNotHex) {
    for (const char* text : {"0", "abc", "0g", "g0", " 0", "0x", "-1", "a/", "a:", "a@", "a`"}) {
        SCOPED_TRACE(text);
        expectError(ErrorCode::invalidArgument, [&] { fromHex(text); });
    }
}

}  // namespace
}  // namespace coffer
