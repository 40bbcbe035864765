#include "core/console/reporter.h"

#include <gtest/gtest.h>

#include "core/console/json.h"

namespace coffer {
namespace {

std::string writtenBy(const OutputOptions& options, const std::function<void(Reporter&)>& work) {
    testing::internal::CaptureStderr();
    Reporter reporter(options);
    work(reporter);
    return testing::internal::GetCapturedStderr();
}

TEST(Reporter, writesWarningsForPeople) {
    EXPECT_EQ(writtenBy({},
                        [](Reporter& reporter) {
                            reporter.warn({"/a\x1b", ErrorCode::notFound, "is gone"});
                            reporter.warn("odd");
                        }),
              "warning: /a\\x1b: is gone\nwarning: odd\n");
}

TEST(Reporter, writesADocumentALineForPrograms) {
    const std::string text = writtenBy({.json = true}, [](Reporter& reporter) {
        reporter.warn({"/\xFE", ErrorCode::ioError, "cannot be read"});
    });
    const Json object = Json::parse(text)["warning"];
    EXPECT_EQ(object["path"], "/\\xfe");
    EXPECT_EQ(object["pathHex"], "2ffe");
    EXPECT_EQ(object["code"], "io-error");
    EXPECT_EQ(object["message"], "cannot be read");
}

TEST(Reporter, quietLeavesOutNotesButNoWarnings) {
    EXPECT_EQ(writtenBy({.quiet = true},
                        [](Reporter& reporter) {
                            reporter.note("good to know");
                            reporter.warn("bad");
                        }),
              "warning: bad\n");
}

TEST(ReportError, tellsWhichProgramFailed) {
    testing::internal::CaptureStderr();
    reportError("coffer", Error(ErrorCode::notFound, "no such run"), false);
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "coffer: no such run\n");
}

}  // namespace
}  // namespace coffer
