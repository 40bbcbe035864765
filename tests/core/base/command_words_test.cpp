#include "core/base/command_words.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"

namespace coffer {
namespace {

using Words = std::vector<std::string>;

TEST(CommandWords, AreSeparatedBySpace) {
    EXPECT_EQ(commandWords("/bin/dump"), (Words{"/bin/dump"}));
    EXPECT_EQ(commandWords("  /bin/dump  --all\tmain "), (Words{"/bin/dump", "--all", "main"}));
}

TEST(CommandWords, QuotesKeepThemTogether) {
    EXPECT_EQ(commandWords(R"(/bin/dump 'my base' "a \"b\" \\" x'y 'z)"),
              (Words{"/bin/dump", "my base", R"(a "b" \)", "xy z"}));
    EXPECT_EQ(commandWords(R"(/bin/dump my\ base \' '\' '' "")"),
              (Words{"/bin/dump", "my base", "'", "\\", "", ""}));
}

TEST(CommandWords, NothingElseMeansAnything) {
    EXPECT_EQ(
        commandWords("/bin/dump $HOME `id` $(id) ; | > x * ~ # &"),
        (Words{"/bin/dump", "$HOME", "`id`", "$(id)", ";", "|", ">", "x", "*", "~", "#", "&"}));
}

TEST(CommandWords, RefuseWhatIsNoCommand) {
    for (const std::string& command :
         {std::string(), std::string("  "), std::string("dump"), std::string("./dump"),
          std::string("''"), std::string("/bin/dump 'x"), std::string("/bin/dump \"x"),
          std::string("/bin/dump \"x\\\""), std::string("/bin/dump \\"),
          std::string("/bin/du\0mp", 10), "/" + std::string(4'096, 'x')}) {
        expectError(ErrorCode::invalidArgument, [&] { commandWords(command); });
    }
    std::string many = "/bin/dump";
    for (int i = 0; i < 99; ++i) many += " x";
    EXPECT_EQ(commandWords(many).size(), 100U);
    expectError(
        ErrorCode::invalidArgument, [&] { commandWords(many + " x"); }, "100 words");
}

}  // namespace
}  // namespace coffer
