#include "core/base/error.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <set>
#include <string>

#include "tests/support/expect_error.h"

namespace coffer {
namespace {

TEST(Error, DuringBuildsTheTrailFromTheOutside) {
    const auto error = errorOf([] {
        during("backup /home",
               [] { during("read a.txt", [] { throw Error::fromErrno(EIO, "pread"); }); });
    });
    ASSERT_TRUE(error);
    EXPECT_EQ(std::string(error->what()).find("backup /home: read a.txt: pread: "), 0U);
    EXPECT_EQ(error->code(), ErrorCode::ioError);
    EXPECT_EQ(error->systemError(), EIO);
}

TEST(Error, DuringReturnsAndLetsOthersPass) {
    int value = 1;
    EXPECT_EQ(during("x", [] { return 5; }), 5);
    during("x", [&]() -> int& { return value; }) = 2;
    EXPECT_EQ(value, 2);
    EXPECT_THROW(during("x", [] { throw 7; }), int);
}

TEST(Error, TheTrailKeepsWhenToComeBack) {
    const Error error = Error(ErrorCode::busy, "x").withRetryAfter(250);
    EXPECT_EQ(error.within("y").retryAfter(), 250U);
    EXPECT_EQ(Error(ErrorCode::busy, "x").retryAfter(), 0U);
}

TEST(Error, CodesOfErrno) {
    const std::pair<int, ErrorCode> samples[] = {{ENOENT, ErrorCode::notFound},
                                                 {EEXIST, ErrorCode::alreadyExists},
                                                 {ENOTEMPTY, ErrorCode::alreadyExists},
                                                 {EACCES, ErrorCode::permissionDenied},
                                                 {EPERM, ErrorCode::permissionDenied},
                                                 {EROFS, ErrorCode::permissionDenied},
                                                 {ENOSPC, ErrorCode::noSpace},
                                                 {EDQUOT, ErrorCode::noSpace},
                                                 {EIO, ErrorCode::ioError},
                                                 {EOPNOTSUPP, ErrorCode::unsupported},
                                                 {ENAMETOOLONG, ErrorCode::invalidArgument},
                                                 {EBUSY, ErrorCode::busy},
                                                 {ENXIO, ErrorCode::ioError}};
    for (const auto& [number, code] : samples) {
        EXPECT_EQ(Error::fromErrno(number, "x").code(), code) << number;
    }
    EXPECT_EQ(Error(ErrorCode::corrupt, "x").systemError(), 0);
}

TEST(Error, EveryCodeHasAWordOfItsOwn) {
    std::set<std::string_view> words;
    constexpr int count = static_cast<int>(ErrorCode::gone) + 1;
    for (int i = 0; i < count; ++i) words.insert(nameOf(static_cast<ErrorCode>(i)));
    EXPECT_EQ(words.size(), static_cast<std::size_t>(count));
    EXPECT_EQ(nameOf(ErrorCode::notFound), "not-found");
    for (int i = 0; i < count; ++i) {
        EXPECT_EQ(errorCodeOf(nameOf(static_cast<ErrorCode>(i))), static_cast<ErrorCode>(i));
    }
    EXPECT_EQ(errorCodeOf("a word of a later version"), ErrorCode::internal);
}

}  // namespace
}  // namespace coffer
