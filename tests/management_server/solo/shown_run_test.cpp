#include "management_server/solo/shown_run.h"

#include <gmock/gmock.h>

namespace coffer::solo {
namespace {

TEST(SampleOf, countsWhatWasReadBeforeItsFileIsDone) {
    RunProgress progress;
    progress.files = 2;
    progress.bytes = 10;
    progress.readBytes = 30;
    progress.totalBytes = 50;
    const ProgressSample sample = sampleOf(progress);
    EXPECT_EQ(sample.files, 2U);
    EXPECT_EQ(sample.bytes, 30U);
    EXPECT_EQ(sample.totalBytes, 50U);
}

TEST(ShownRun, tellsOfEachProblem) {
    const OutputOptions options{.json = true};
    testing::internal::CaptureStderr();
    {
        Reporter reporter(options);
        ShownRun run("backup", reporter, options);
        run.problems.add("/a", ErrorCode::notFound, "is gone");
        EXPECT_GE(run.end(), 0.0);
        EXPECT_EQ(run.problems.count(), 1U);
    }
    const std::string told = testing::internal::GetCapturedStderr();
    for (const char* part : {"\"/a\"", "not-found", "is gone"}) {
        EXPECT_THAT(told, testing::HasSubstr(part));
    }
}

}  // namespace
}  // namespace coffer::solo
