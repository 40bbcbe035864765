// What stands on the command line: paths, patterns, answers about the kit.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/base/paths.h"
#include "core/base/random.h"
#include "core/source/exclude_rules.h"
#include "management_server/solo/backup_paths.h"
#include "management_server/solo/kit_proof.h"
#include "tests/support/expect_error.h"

namespace coffer::solo {
namespace {

TEST(IsWithin, comparesWholeParts) {
    EXPECT_TRUE(isWithin("/a/b", "/a/b"));
    EXPECT_TRUE(isWithin("/a/b/c", "/a/b"));
    EXPECT_TRUE(isWithin("/a", "/"));
    EXPECT_FALSE(isWithin("/a/bc", "/a/b"));
    EXPECT_FALSE(isWithin("/a", "/a/b"));
}

TEST(PatternOf, namesExactlyThatFolderHoweverItIsCalled) {
    for (const std::string folder : {"/srv/repo", "/a*/[b]", "/a?b\\", "/!x", "/ x ", "/#"}) {
        ExcludeRules rules;
        rules.add(patternOf(folder));
        EXPECT_TRUE(rules.excludes(folder, true)) << folder;
        EXPECT_FALSE(rules.excludes("/other" + folder, true)) << folder;
        EXPECT_FALSE(rules.excludes(folder + "x", true)) << folder;
    }
    ExcludeRules rules;
    rules.add(patternOf("/a*"));
    EXPECT_FALSE(rules.excludes("/ab", true));
}

TEST(PatternsIn, readsAFileAsGitDoes) {
    const std::vector<std::string> expected{"*.o", "!keep.o", "\\#x", "end\\ ", " lead", "two\\\\"};
    EXPECT_EQ(patternsIn("# comment\n*.o  \r\n\n!keep.o\n\\#x\nend\\ \n lead\n   \ntwo\\\\ "),
              expected);
}

TEST(ResolvedPath, refusesWhatIsNotThere) {
    expectError(
        ErrorCode::notFound, [] { resolvedPath("/no/such/path"); }, "/no/such/path");
    EXPECT_EQ(resolvedPath("/proc/../"), "/");
}

RecoveryKit someKit() {
    RecoveryKit kit;
    kit.repositoryId = randomId<RepositoryId>();
    kit.rootSeed = SecretKey::random();
    return kit;
}

TEST(KitQuestion, saysWhereInTheTextAGroupStands) {
    const RecoveryKit kit = someKit();
    const std::string text = kit.toText({}, "here");
    for (unsigned group = 1; group <= RecoveryKit::groupCount(); ++group) {
        const KitQuestion question = questionAbout(group);
        std::size_t at = text.find("K" + std::to_string(question.line) + ": ");
        ASSERT_NE(at, std::string::npos);
        at += 4;
        for (unsigned i = 1; i < question.position; ++i) at = text.find('-', at) + 1;
        EXPECT_EQ(text.substr(at, kit.group(group).size()), kit.group(group));
    }
}

TEST(KitAnswer, forgivesCaseSpacesAndLookAlikes) {
    const RecoveryKit kit = someKit();
    std::string answer = kit.group(2);
    for (char& c : answer) {
        if (c == '0') c = 'o';
        if (c == '1') c = 'l';
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    EXPECT_TRUE(answers(kit, questionAbout(2), " " + answer + "-\r"));
    EXPECT_FALSE(answers(kit, questionAbout(2), answer + "0"));
    EXPECT_FALSE(answers(kit, questionAbout(2), ""));
}

// Answers as a user with this kit would, wrongly at first.
class User {
  public:
    User(const RecoveryKit& kit, int mistakes) : kit_(kit), mistakes_(mistakes) {}

    std::optional<std::string> operator()(const std::string& question) {
        ++asked_;
        if (mistakes_ > 0) {
            --mistakes_;
            return "?";
        }
        const auto line = static_cast<unsigned>(question[question.find('K') + 1] - '0');
        const auto position = static_cast<unsigned>(question[question.find("group ") + 6] - '0');
        return kit_.group((line - 1) * 4 + position);
    }
    int asked() const { return asked_; }

  private:
    const RecoveryKit& kit_;
    int mistakes_;
    int asked_ = 0;
};

bool proves(const RecoveryKit& kit, User& user) {
    return proveKept(kit, [&](const std::string& question) { return user(question); });
}

TEST(ProveKept, takesThreeTriesOfTwoGroups) {
    const RecoveryKit kit = someKit();
    User sure(kit, 0);
    EXPECT_TRUE(proves(kit, sure));
    EXPECT_EQ(sure.asked(), 2);
    User unsure(kit, 4);
    EXPECT_TRUE(proves(kit, unsure));
    EXPECT_EQ(unsure.asked(), 6);
    User stranger(kit, 5);
    EXPECT_FALSE(proves(kit, stranger));
    EXPECT_EQ(stranger.asked(), 6);
}

TEST(ProveKept, oneRightGroupIsNotEnough) {
    const RecoveryKit kit = someKit();
    const RecoveryKit other = someKit();
    User user(kit, 0);
    User wrong(other, 0);
    int asked = 0;
    EXPECT_FALSE(proveKept(kit, [&](const std::string& question) {
        return ++asked % 2 == 1 ? user(question) : wrong(question);
    }));
    EXPECT_FALSE(proveKept(kit, [](const std::string&) { return std::optional<std::string>(); }));
}

}  // namespace
}  // namespace coffer::solo
