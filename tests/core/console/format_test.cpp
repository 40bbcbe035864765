#include "core/console/format.h"

#include <gtest/gtest.h>

#include <sstream>

#include "core/console/progress_line.h"
#include "core/console/table.h"

namespace coffer {
namespace {

TEST(SizeText, hasThreeDigitsInBinaryUnits) {
    EXPECT_EQ(sizeText(0), "0 B");
    EXPECT_EQ(sizeText(1023), "1023 B");
    EXPECT_EQ(sizeText(1024), "1.00 KiB");
    EXPECT_EQ(sizeText(10239), "10.0 KiB");
    EXPECT_EQ(sizeText(99 * 1024), "99.0 KiB");
    EXPECT_EQ(sizeText(1000 * 1024), "1000 KiB");
    EXPECT_EQ(sizeText(1024 * 1024 - 1), "1.00 MiB");
    EXPECT_EQ(sizeText(UINT64_MAX), "16.0 EiB");
}

TEST(CountText, groupsByThousands) {
    EXPECT_EQ(countText(0), "0");
    EXPECT_EQ(countText(999), "999");
    EXPECT_EQ(countText(1000), "1,000");
    EXPECT_EQ(countText(1234567), "1,234,567");
    EXPECT_EQ(countText(1, "file"), "1 file");
    EXPECT_EQ(countText(2, "file"), "2 files");
}

TEST(DurationText, growsFromSecondsToHours) {
    EXPECT_EQ(durationText(0.529), "0.53 s");
    EXPECT_EQ(durationText(12.44), "12.4 s");
    EXPECT_EQ(durationText(59.99), "60.0 s");
    EXPECT_EQ(durationText(60), "1:00 min");
    EXPECT_EQ(durationText(3599.6), "1:00:00 h");
}

TEST(RateText, isInDecimalUnits) {
    EXPECT_EQ(rateText(412'000'000, 1), "412 MB/s");
    EXPECT_EQ(rateText(1500, 1), "1.50 kB/s");
    EXPECT_EQ(rateText(3'000'000'000, 2), "1.50 GB/s");
    EXPECT_EQ(rateText(5, 0), "0.00 kB/s");
}

TEST(TimeText, isIsoLikeAndFallsBackForYearsTheSystemDoesNotKnow) {
    EXPECT_TRUE(timeText({0, 0}).starts_with("19"));  // 1970, or 1969 west of Greenwich
    EXPECT_EQ(timeText({INT64_MAX / 4, 0}), toIso8601({INT64_MAX / 4, 0}));
}

TEST(Table, alignsColumnsAndKeepsLinesWithoutTrailingSpaces) {
    Table table({{"name"}, {"size", Table::Align::right}, {"note"}});
    table.add({"a", "1 B", ""});
    table.add({"größer", "10.0 KiB", "x"});
    std::ostringstream out;
    table.print(out);
    EXPECT_EQ(out.str(),
              "name        size  note\n"
              "a            1 B\n"
              "größer  10.0 KiB  x\n");
}

TEST(FactTable, hasNoHead) {
    FactTable table;
    table.add("files", "3");
    table.add("new data", "0 B");
    std::ostringstream out;
    table.print(out);
    EXPECT_EQ(out.str(), "files     3\nnew data  0 B\n");
}

TEST(ModeText, showsKindRightsAndSpecialBits) {
    EXPECT_EQ(modeText('-', 0644), "-rw-r--r--");
    EXPECT_EQ(modeText('d', 01777), "drwxrwxrwt");
    EXPECT_EQ(modeText('-', 04755), "-rwsr-xr-x");
    EXPECT_EQ(modeText('-', 06644), "-rwSr-Sr--");
    EXPECT_EQ(modeText('b', 01660), "brw-rw---T");
    EXPECT_EQ(octalText(0644), "0644");
    EXPECT_EQ(octalText(07777), "7777");
}

ProgressSample sample(std::uint64_t files, std::uint64_t bytes, std::uint64_t total) {
    return {.files = files, .bytes = bytes, .totalBytes = total, .seconds = 2};
}

TEST(ProgressText, showsPercentAndTimeLeftOnceTheTotalIsKnown) {
    EXPECT_EQ(progressText("backup", sample(3, 50'000'000, 0), 200),
              "backup  3 files  47.7 MiB  25.0 MB/s");
    EXPECT_EQ(progressText("restore", sample(1, 50'000'000, 200'000'000), 200),
              "restore  25 %  1 file  47.7 MiB  25.0 MB/s  6.00 s left");
}

TEST(ProgressText, neverSaysDoneAndFitsTheTerminal) {
    EXPECT_EQ(progressText("backup", sample(3, 300, 200), 200),
              "backup  99 %  3 files  300 B  0.15 kB/s");
    EXPECT_EQ(progressText("backup", sample(3, 300, 200), 10), "backup  9");
    EXPECT_EQ(progressText("backup", sample(3, 300, 200), 0), "");
}

TEST(ProgressText, tellsThePhaseInPlaceOfNumbers) {
    ProgressSample waiting = sample(3, 300, 200);
    waiting.phase = "queued";
    EXPECT_EQ(progressText("backup 17", waiting, 200), "backup 17  queued");
}

}  // namespace
}  // namespace coffer
