#include "core/source/exclude_rules.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "tests/support/expect_error.h"
#include "tests/support/scratch_folder.h"

namespace coffer {
namespace {

namespace fs = std::filesystem;
using Patterns = std::vector<std::string>;

ExcludeRules rulesOf(const Patterns& patterns) {
    ExcludeRules rules;
    for (const std::string& pattern : patterns) rules.add(pattern);
    return rules;
}

/// As a walk sees it: nothing in an excluded folder is reached.
bool leftOut(const ExcludeRules& rules, const std::string& path, bool isFolder) {
    for (std::size_t slash = path.find('/', 1); slash != std::string::npos;
         slash = path.find('/', slash + 1)) {
        if (rules.excludes(path.substr(0, slash), true)) return true;
    }
    return rules.excludes(path, isFolder);
}

TEST(ExcludeRules, NothingIsExcludedWithoutPatterns) {
    EXPECT_FALSE(ExcludeRules().excludes("/a", false));
    EXPECT_FALSE(rulesOf({"*"}).excludes("/", true));
}

TEST(ExcludeRules, TheLastMatchDecides) {
    EXPECT_FALSE(rulesOf({"*.o", "!keep.o"}).excludes("/x/keep.o", false));
    EXPECT_TRUE(rulesOf({"!keep.o", "*.o"}).excludes("/x/keep.o", false));
}

TEST(ExcludeRules, HashAndSpaceAreOrdinary) {
    EXPECT_TRUE(rulesOf({"#x"}).excludes("/#x", false));
    EXPECT_TRUE(rulesOf({"x "}).excludes("/x ", false));
    EXPECT_FALSE(rulesOf({"x "}).excludes("/x", false));
}

TEST(ExcludeRules, BadPatternsAreRefused) {
    for (const char* pattern : {"", "!", "/", "!/", "//", "a//b", "[", "[a", "[!", "[]", "a[^]/b",
                                "[[:digit:]", "[[:nonsense:]]", "[[:", "a\\", "a\\/b"}) {
        expectError(ErrorCode::invalidArgument, [&] { ExcludeRules().add(pattern); });
    }
}

TEST(ExcludeRules, ManyStarsDoNotExplode) {
    std::string stars = "/";
    std::string folders = "/";
    for (int i = 0; i < 200; ++i) {
        stars += "a*";
        folders += "**/a/";
    }
    const std::string longName = "/" + std::string(4000, 'a') + "c";
    std::string deep;
    for (int i = 0; i < 2000; ++i) deep += "/a";
    EXPECT_FALSE(rulesOf({stars + "b"}).excludes(longName, false));
    EXPECT_TRUE(rulesOf({stars + "c"}).excludes(longName, false));
    EXPECT_FALSE(rulesOf({folders + "b"}).excludes(deep, false));
    EXPECT_TRUE(rulesOf({folders + "a"}).excludes(deep, false));
}

TEST(ExcludeRules, StarsThatAreNoWholePartStayWithinTheirPart) {
    const ExcludeRules rules = rulesOf({"d**/a"});  // git itself takes the 'd' for a prefix
    EXPECT_TRUE(rules.excludes("/dx/a", false));
    EXPECT_FALSE(rules.excludes("/d/x/a", false));
}

TEST(ExcludeRules, OctetsMatchAsTheyAre) {
    EXPECT_TRUE(rulesOf({"\xFF?"}).excludes("/\xFF\x80", false));
    EXPECT_TRUE(rulesOf({"[\x80-\xFF]"}).excludes("/\xC3", false));
    EXPECT_TRUE(rulesOf({"a\nb"}).excludes("/a\nb", false));
}

class AgainstGit : public testing::TestWithParam<Patterns> {
  protected:
    static const std::vector<std::string>& paths() {  // those that end with '/' are folders
        static const std::vector<std::string> all{"a",          "b",
                                                  "ab",         "abc",
                                                  "a.o",        "keep.o",
                                                  "foo",        "Foo",
                                                  "foo.txt",    ".hidden",
                                                  "x]y",        "x-y",
                                                  "x!y",        "star*",
                                                  "#hash",      "!bang",
                                                  "a b",        "back\\slash",
                                                  "d/",         "d/a",
                                                  "d/b",        "d/a.o",
                                                  "d/foo/",     "d/foo/a",
                                                  "d/foo/bar",  "d/e/",
                                                  "d/e/f/",     "d/e/f/g",
                                                  "d/e/f/a.o",  "cache/",
                                                  "cache/x",    "e/cache",
                                                  "e/d/",       "e/d/a",
                                                  "e/d/e/a",    "build/",
                                                  "build/foo/", "build/foo/bar",
                                                  "x5",         "x9z",
                                                  "abcabcabc",  "aaaaaaaaab"};
        return all;
    }
};

TEST_P(AgainstGit, SameEntriesAreLeftOut) {
    if (std::system("git --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "no git here";
    const ScratchFolder scratch;
    for (const std::string& path : paths()) {
        const fs::path full = scratch / path;
        fs::create_directories(full.parent_path());
        if (path.back() != '/') std::ofstream(full) << "x";
        const std::string asked = path.substr(0, path.size() - (path.back() == '/' ? 1 : 0));
        std::ofstream(scratch / "paths.list", std::ios::app) << asked << '\n';
    }
    std::ofstream ignore(scratch / ".gitignore");
    for (const std::string& pattern : GetParam()) ignore << pattern << '\n';
    ignore.close();
    const std::string command = "cd '" + scratch.path() +
                                "' && export HOME=/nonexistent GIT_CONFIG_NOSYSTEM=1 && "
                                "git init -q . && git -c core.quotePath=false check-ignore "
                                "--no-index --stdin -z < <(tr '\\n' '\\0' <paths.list)";
    std::ofstream(scratch / "ask.sh") << command << " | tr '\\0' '\\n' >ignored.list\n";
    ASSERT_EQ(std::system(("bash '" + scratch / "ask.sh").append("'").c_str()), 0);
    std::set<std::string> ignored;
    std::ifstream answer(scratch / "ignored.list");
    for (std::string line; std::getline(answer, line);) ignored.insert(line);

    const ExcludeRules rules = rulesOf(GetParam());
    for (const std::string& path : paths()) {
        const bool isFolder = path.back() == '/';
        const std::string asked = path.substr(0, path.size() - (isFolder ? 1 : 0));
        EXPECT_EQ(leftOut(rules, "/" + asked, isFolder), ignored.contains(asked)) << path;
    }
}

INSTANTIATE_TEST_SUITE_P(
    Patterns, AgainstGit,
    testing::Values(
        Patterns{"foo"}, Patterns{"/foo"}, Patterns{"foo/"}, Patterns{"*.o"},
        Patterns{"*.o", "!keep.o"}, Patterns{"/*.o"}, Patterns{"d/*"}, Patterns{"d/**"},
        Patterns{"d/*.o"}, Patterns{"**/a"}, Patterns{"**/foo/bar"}, Patterns{"d/**/a.o"},
        Patterns{"d/**/g"}, Patterns{"/**/a"}, Patterns{"**"}, Patterns{"**/"}, Patterns{"/**"},
        Patterns{"d/**/"}, Patterns{"a**"}, Patterns{"**d/a"}, Patterns{"*"},
        Patterns{"*", "!d/", "!d/a"}, Patterns{"/*", "!/d", "/d/*", "!/d/e"}, Patterns{"?"},
        Patterns{"??"}, Patterns{"[ab]"}, Patterns{"[!a]"}, Patterns{"[^a]"}, Patterns{"[a-c]b*"},
        Patterns{"x[]]y"}, Patterns{"x[!]]y"}, Patterns{"x[-!]y"}, Patterns{"x[!-]y"},
        Patterns{"x[+--]y"}, Patterns{"x[0-9]*"}, Patterns{"x[[:digit:]]"},
        Patterns{"x[[:digit:][:punct:]]*"}, Patterns{"[[:upper:]]*"}, Patterns{"[z-a]"},
        Patterns{"star\\*"}, Patterns{"star[*]"}, Patterns{"\\#hash"}, Patterns{"\\!bang"},
        Patterns{"a\\ b"}, Patterns{"a b"}, Patterns{"back\\\\slash"}, Patterns{"[\\]a]"},
        Patterns{"\\a"}, Patterns{".*"}, Patterns{"cache/"}, Patterns{"/cache/"},
        Patterns{"e/cache"}, Patterns{"e/cache/"}, Patterns{"build/foo"}, Patterns{"foo/bar"},
        Patterns{"*/foo"}, Patterns{"*/*"}, Patterns{"d", "!d/a"},
        Patterns{"d/*", "!d/foo", "d/foo/*", "!d/foo/a"}, Patterns{"a*b*c"}, Patterns{"*abc"},
        Patterns{"a*a*a*a*b"}, Patterns{"a*a*a*a*c"}, Patterns{"**/e/**/a*"}, Patterns{"**/d/**"},
        Patterns{"d/**/**/g"}, Patterns{"d/e/f/g/"}, Patterns{"d/?/f"}, Patterns{"?/e"},
        Patterns{"!foo"}, Patterns{"foo", "!foo", "foo"}, Patterns{"F*"}, Patterns{"*.*"},
        Patterns{"*/"}, Patterns{"!*/", "*"}, Patterns{"/d/e/../e"}, Patterns{"./foo"}));

TEST(ExcludeRules, TellNamedFromTakenBackAndFromNeither) {
    const ExcludeRules rules = rulesOf({"*.c", "!/tmp/*.c"});
    EXPECT_EQ(rules.names("/a/x.c", false), true);
    EXPECT_EQ(rules.names("/tmp/x.c", false), false);
    EXPECT_EQ(rules.names("/a/x.h", false), std::nullopt);
    EXPECT_EQ(rules.names("/", true), std::nullopt);
}

TEST(ExcludeRules, KnowWhereTheyMayLead) {
    const auto leads = [](const char* pattern, const char* folder) {
        return rulesOf({pattern}).mayNameBelow(folder);
    };
    for (const char* anywhere : {"/", "/a", "/a/b/c"}) {
        EXPECT_TRUE(leads("*.c", anywhere)) << anywhere;
        EXPECT_TRUE(leads("**/b/x", anywhere)) << anywhere;
    }
    EXPECT_TRUE(leads("/a/b/", "/"));
    EXPECT_TRUE(leads("/a/b/", "/a"));
    EXPECT_FALSE(leads("/a/b/", "/a/b"));
    EXPECT_FALSE(leads("/a/b/", "/b"));
    EXPECT_FALSE(leads("/a/b/", "/a/c"));
    EXPECT_TRUE(leads("/a*/b", "/ab"));
    EXPECT_TRUE(leads("/a/**/x", "/a"));
    EXPECT_TRUE(leads("/a/**/x", "/a/b/c/d"));
    EXPECT_FALSE(leads("/a/**/x", "/b/c/d"));
    EXPECT_FALSE(leads("!*.c", "/"));
    EXPECT_FALSE(ExcludeRules().mayNameBelow("/"));
}

TEST(ExcludeRules, NamesOnePathWhateverItsName) {
    for (const char* name : {"/a", "/a/b*", "/a[x]?", "/a\\b", "/ends ", "/!x", "/#x"}) {
        const ExcludeRules rules = rulesOf({patternOfPath(name)});
        EXPECT_TRUE(rules.excludes(name, true)) << name;
        EXPECT_TRUE(rules.excludes(name, false)) << name;
        EXPECT_FALSE(rules.excludes(std::string("/z") + name, true)) << name;
        EXPECT_FALSE(rules.excludes(std::string(name) + "x", true)) << name;
    }
    EXPECT_FALSE(rulesOf({patternOfPath("/a/b*")}).excludes("/a/bc", true));
}

}  // namespace
}  // namespace coffer
