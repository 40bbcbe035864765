#include "management_panel/cli/new_file.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "management_panel/cli/secret_input.h"
#include "tests/support/expect_error.h"
#include "tests/support/scratch_folder.h"

namespace coffer::cli {
namespace {

TEST(NewFile, IsPrivateAndNeverTakesThePlaceOfAnother) {
    const ScratchFolder scratch;
    const std::string file = scratch / "kit";
    writeNewFile(file, "text");
    EXPECT_EQ(std::filesystem::status(file).permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    EXPECT_EQ(readText(file), "text");
    expectError(ErrorCode::alreadyExists, [&] { writeNewFile(file, "x"); });
    EXPECT_EQ(readText(file), "text");
    expectError(ErrorCode::notFound, [&] { readText(scratch / "none"); });
    expectError(ErrorCode::notFound, [&] { writeNewFile(scratch / "none/kit", "x"); });
}

}  // namespace
}  // namespace coffer::cli
