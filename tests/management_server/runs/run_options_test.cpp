#include "management_server/runs/run_options.h"

#include <gtest/gtest.h>

#include "core/rpc/convert.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

RunTexts options(const std::string& kind, const RunTexts& given) {
    return runOptions(kind, rpc::toSettings(given));
}

void expectRefused(const std::string& kind, const RunTexts& given, const std::string& says) {
    expectError(
        ErrorCode::invalidArgument, [&] { options(kind, given); }, says);
}

TEST(RunOptions, AreThoseOfTheKind) {
    const RunTexts all = {{"one-file-system", "yes"},
                          {"exclude-caches", "no"},
                          {"exclude-nodump", "yes"},
                          {"compression", "19"},
                          {"workers", "256"}};
    EXPECT_EQ(options("backup", all), all);
    EXPECT_EQ(options("verify", {{"workers", "256"}}), (RunTexts{{"workers", "256"}}));
    for (const char* depth : {"structure", "sample=10", "full"}) {
        EXPECT_EQ(options("verify", {{"depth", depth}}), (RunTexts{{"depth", depth}}));
    }
    EXPECT_EQ(options("restore", {{"overwrite", "older"}, {"workers", "1"}}),
              (RunTexts{{"overwrite", "older"}, {"workers", "1"}}));
    EXPECT_EQ(options("restore", {}), RunTexts{});
}

TEST(RunOptions, ThatAreNotKnownAreRefused) {
    expectRefused("restore", {{"compression", "3"}}, "restore knows no option 'compression'");
    expectRefused("backup", {{"overwrite", "never"}}, "overwrite");
    expectRefused("verify", {{"one-file-system", "yes"}}, "one-file-system");
    expectRefused("backup", {{"one-file-sytem", "yes"}}, "one-file-sytem");
    expectRefused("backup", {{"", "yes"}}, "''");
    expectRefused("backup", {{std::string(1'000'000, 'x'), "yes"}}, "xxx'");
}

TEST(RunOptions, HaveValuesThatMakeSense) {
    expectRefused("backup", {{"one-file-system", "true"}}, "one-file-system");
    expectRefused("backup", {{"compression", "0"}}, "1 to 19");
    expectRefused("backup", {{"compression", "20"}}, "1 to 19");
    expectRefused("backup", {{"workers", "257"}}, "1 to 256");
    expectRefused("backup", {{"workers", ""}}, "workers");
    expectRefused("backup", {{"workers", "-1"}}, "workers");
    expectRefused("backup", {{"workers", "99999999999999999999999"}}, "workers");
    expectRefused("rehearsal", {{"sample", "101"}}, "1 to 100");
    expectRefused("verify", {{"sample", "10"}}, "sample");
    expectRefused("verify", {{"depth", "sample"}}, "sample=");
    expectRefused("verify", {{"depth", "deep"}}, "structure");
    expectRefused("backup", {{"depth", "full"}}, "depth");
    expectRefused("restore", {{"overwrite", "sometimes"}}, "never, older, always");
}

TEST(RunOptions, HaveAPriorityThatIsForTheServer) {
    for (const char* kind :
         {"backup", "restore", "verify", "rehearsal", "prune", "repair", "replicate"}) {
        RunTexts given = options(kind, {{"priority", "-100"}});
        EXPECT_EQ(takePriority(given), -100);
        EXPECT_TRUE(given.empty());
        EXPECT_EQ(takePriority(given), 0);
    }
    EXPECT_EQ(runPriority("100"), 100);
    EXPECT_EQ(runPriority("0"), 0);
    for (const char* bad : {"101", "-101", "", "-", "+5", "5 ", " 5", "5x", "--5", "0005", "1e1",
                            "99999999999999999999"}) {
        expectRefused("backup", {{"priority", bad}}, "-100 to 100");
    }
}

TEST(RunOptions, TagsOfABackup) {
    RunTexts given{{"tags", "release-2.1,nightly"}, {"workers", "1"}};
    EXPECT_EQ(options("backup", given), given);
    EXPECT_EQ(takeTags(given), (std::vector<std::string>{"release-2.1", "nightly"}));
    EXPECT_EQ(given, (RunTexts{{"workers", "1"}}));
    EXPECT_TRUE(takeTags(given).empty());
    for (const char* wrong : {"", "a,", ",a", "two words", "a\\b"}) {
        expectRefused("backup", {{"tags", wrong}}, "tag");
    }
    expectRefused("backup", {{"tags", std::string(65, 'x')}}, "tag");
    expectRefused("restore", {{"tags", "a"}}, "tags");
    std::string many = "t0";
    for (int i = 1; i < 33; ++i) many += ",t" + std::to_string(i);
    expectError(ErrorCode::limitExceeded, [&] { options("backup", {{"tags", many}}); });
}

TEST(RunOptions, FiltersAndPace) {
    const RunTexts all{{"include", "*.odt\n/home/ann/"},
                       {"exclude-larger-than", "4G"},
                       {"exclude-older-than", "365d"},
                       {"bandwidth", "08:00-18:00=500K,none"},
                       {"read-rate", "20M"},
                       {"nice", "19"},
                       {"ionice", "idle"}};
    EXPECT_EQ(options("backup", all), all);
    const RunTexts pace{{"bandwidth", "2M"}, {"nice", "0"}, {"ionice", "best-effort"}};
    EXPECT_EQ(options("restore", pace), pace);
    expectRefused("restore", {{"include", "*"}}, "include");
    expectRefused("restore", {{"read-rate", "1M"}}, "read-rate");
    expectRefused("backup", {{"include", "*.odt\n"}}, "include");
    expectRefused("backup", {{"include", "[a"}}, "include");
    expectRefused("backup", {{"include", "!*.o\n!/a"}}, "include: '!' alone includes nothing");
    std::string many;
    for (int i = 0; i < 2'000; ++i) many += "x\n";
    expectRefused("backup", {{"include", many + "x"}}, "2001 patterns");
    expectRefused("backup", {{"exclude-larger-than", "big"}}, "exclude-larger-than");
    expectRefused("backup", {{"exclude-older-than", "365"}}, "exclude-older-than");
    expectRefused("backup", {{"bandwidth", "fast"}}, "bandwidth");
    expectRefused("backup", {{"nice", "20"}}, "0 to 19");
    expectRefused("backup", {{"nice", "-5"}}, "nice");
    expectRefused("backup", {{"ionice", "realtime"}}, "idle, best-effort");
}

TEST(RunOptions, OfRepairAndReplica) {
    EXPECT_EQ(options("repair", {{"preview", "yes"}}), (RunTexts{{"preview", "yes"}}));
    const RunTexts all{{"verify", "yes"}, {"limit", "08:00-18:00=500K,20M"}};
    EXPECT_EQ(options("replicate", all), all);
    expectRefused("repair", {{"repack-at", "10"}}, "repack-at");
    expectRefused("replicate", {{"preview", "yes"}}, "preview");
    expectRefused("replicate", {{"verify", "1"}}, "yes, no");
    expectRefused("replicate", {{"limit", "fast"}}, "fast");
}

TEST(RunOptions, OfACopy) {
    const std::string id(32, 'a');
    const RunTexts all{{"snapshots", id + "," + id},
                       {"choose", "newest"},
                       {"only-agent", "laptop"},
                       {"only-tag", "monthly"},
                       {"limit", "2M"}};
    EXPECT_EQ(options("copy", all), all);
    expectRefused("copy", {{"choose", "some"}}, "newest, all");
    expectRefused("copy", {{"snapshots", "1234"}}, "not the id");
    expectRefused("copy", {{"snapshots", id + ","}}, "not the id");
    expectRefused("copy", {{"only-tag", ""}}, "1 to 200 octets");
    expectRefused("copy", {{"verify", "yes"}}, "verify");
    expectRefused("backup", {{"only-tag", "monthly"}}, "only-tag");
    EXPECT_EQ(options("restore", {{"only-agent", "laptop"}}), (RunTexts{{"only-agent", "laptop"}}));
}

TEST(RunOptions, ThatLeaveNothingToDoAreRefused) {
    expectRefused("backup", {{"bandwidth", "0"}}, "lets nothing through");
    expectRefused("copy", {{"limit", "0,2M"}}, "lets nothing through");
    expectRefused("backup", {{"exclude-larger-than", "0"}}, "every file");
    expectRefused("backup", {{"exclude-older-than", "0s"}}, "every file");
    // What an older program let in is still read.
    const RunTexts old{{"bandwidth", "0"}, {"exclude-larger-than", "0"}};
    EXPECT_EQ(keptOptions("backup", rpc::toSettings(old)), old);
}

TEST(RunOptions, AreFew) {
    Coffer::Settings many;
    many.length(101);
    expectError(
        ErrorCode::invalidArgument, [&] { runOptions("backup", many); }, "101");
    Coffer::Settings twice;
    twice.length(2);
    twice[0].name = twice[1].name = "workers";
    twice[0].value = twice[1].value = "1";
    expectError(
        ErrorCode::invalidArgument, [&] { runOptions("backup", twice); }, "twice");
}

TEST(RunChoices, OfABackupAreSettled) {
    const BackupChoice choice = backupChoice(rpc::toPaths({"/home/ann", "/etc", "/home", "/etc"}),
                                             rpc::toStrings({"*.o", "!keep.o"}));
    EXPECT_EQ(choice.what, (std::vector<std::string>{"/etc", "/home"}));
    EXPECT_EQ(choice.patterns, (std::vector<std::string>{"*.o", "!keep.o"}));
}

TEST(RunChoices, RefuseBadPaths) {
    for (const std::string& path :
         {std::string("home"), std::string(""), std::string("/a/../b"), std::string("/a//b"),
          std::string("/a/"), std::string("/./a"), std::string("/a\0b", 4),
          std::string(1 << 20, '/'), "/" + std::string(2 << 20, 'x'),
          "/" + std::string(100'000, 'x')}) {
        expectError(ErrorCode::invalidArgument,
                    [&] { backupChoice(rpc::toPaths({path}), rpc::toStrings({})); });
    }
    for (const std::string& path : {std::string("tmp"), std::string(""), std::string("/a/.."),
                                    std::string("/a\0b", 4), "/" + std::string(4'096, 'x')}) {
        expectError(ErrorCode::invalidArgument, [&] { folderTarget(rpc::toPath(path)); });
        expectError(ErrorCode::invalidArgument,
                    [&] { restoreChoice(rpc::toPaths(std::vector<std::string>(8, path))); });
    }
    EXPECT_EQ(folderTarget(rpc::toPath("/")), "/");
    expectError(
        ErrorCode::invalidArgument, [&] { backupChoice(rpc::toPaths({}), rpc::toStrings({})); },
        "nothing");
}

TEST(RunChoices, RefuseBadPatterns) {
    for (const char* pattern : {"", "[a", "a//b", "x\\"}) {
        expectError(ErrorCode::invalidArgument,
                    [&] { backupChoice(rpc::toPaths({"/a"}), rpc::toStrings({pattern})); });
    }
}

TEST(RunChoices, RefuseAbsurdCounts) {
    Coffer::Paths many;
    many.length(2'001);
    Coffer::Strings patterns;
    patterns.length(2'001);
    expectError(
        ErrorCode::invalidArgument, [&] { backupChoice(many, {}); }, "2001 paths");
    expectError(
        ErrorCode::invalidArgument, [&] { backupChoice(rpc::toPaths({"/a"}), patterns); },
        "2001 patterns");
    expectError(
        ErrorCode::invalidArgument, [&] { restoreChoice(many); }, "2001 paths");
    std::vector<std::string> large;
    for (int i = 0; i < 20; ++i)
        large.push_back("/" + std::to_string(i) + std::string(60'000, 'x'));
    expectError(
        ErrorCode::invalidArgument, [&] { backupChoice(rpc::toPaths(large), {}); }, "KiB");
}

TEST(RunChoices, OfARestoreAreEachOnce) {
    EXPECT_EQ(restoreChoice(rpc::toPaths({"/b", "/a", "/b"})),
              (std::vector<std::string>{"/a", "/b"}));
    EXPECT_TRUE(restoreChoice({}).empty());
}

}  // namespace
}  // namespace coffer
