#include <gtest/gtest.h>

#include "core/pipeline/problem_log.h"
#include "core/pipeline/run_progress.h"
#include "management_server/solo/run_view.h"

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

TEST(WarningOf, keepsPathCodeAndMessage) {
    const Warning warning = warningOf({"/a", ErrorCode::notFound, "is gone"});
    EXPECT_EQ(warning.path, "/a");
    EXPECT_EQ(warning.code, ErrorCode::notFound);
    EXPECT_EQ(warning.message, "is gone");
}

}  // namespace
}  // namespace coffer::solo
