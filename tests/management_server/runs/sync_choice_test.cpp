#include "management_server/runs/sync_choice.h"

#include <gtest/gtest.h>

#include "management_server/runs/run_rights.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

RunRecord run(const std::string& source, const std::string& target, const RunTexts& options = {}) {
    return syncRun("ann", source, target, {}, options);
}

TEST(SyncChoice, ReadsWhatARunIsAbout) {
    const RunRecord record = syncRun("ann", "laptop:/a", "nas:/b", {"*.tmp"},
                                     {{"direction", "two-way"},
                                      {"conflict", "newer"},
                                      {"compare", "content"},
                                      {"most-deletions", "7"},
                                      {"include", "x\ny"},
                                      {"preview", "yes"},
                                      {"priority", "5"}});
    EXPECT_EQ(record.priority, 5);
    EXPECT_EQ(record.repository, "");
    EXPECT_TRUE(record.isOfServer());
    const SyncChoice choice = SyncChoice::of(record);
    EXPECT_EQ(choice.source, (AgentFolder{"laptop", "/a"}));
    EXPECT_EQ(choice.target, (AgentFolder{"nas", "/b"}));
    EXPECT_TRUE(choice.isTwoWay());
    EXPECT_EQ(choice.settings.rules.conflict, SyncConflict::newer);
    EXPECT_TRUE(choice.settings.rules.readsContent);
    EXPECT_TRUE(choice.settings.preview);
    EXPECT_EQ(choice.settings.mostDeleted, 7U);
    EXPECT_FALSE(choice.settings.filter.choose("/x.tmp", false, false));
    EXPECT_TRUE(choice.settings.filter.choose("/y", false, false));
    EXPECT_EQ(SyncChoice::of(run("a:/x", "b:/x")).settings.mostDeleted, 50U);
}

TEST(SyncChoice, RefusesWhatMakesNoSense) {
    const auto refused = [](const std::string& source, const std::string& target,
                            const RunTexts& options) {
        expectError(ErrorCode::invalidArgument, [&] { run(source, target, options); });
    };
    refused("a:/x", "a:/x", {});
    refused("a:/x", "a:/x/y", {});
    refused("a:/x/y", "a:/x", {});
    refused("a:/", "a:/x", {});
    refused("a", "b:/x", {});
    refused(":/x", "b:/x", {});
    refused("a:x", "b:/x", {});
    refused("a:/x/../y", "b:/x", {});
    refused("a:/" + std::string(5'000, 'x'), "b:/x", {});
    refused("a:/x", "b:/x", {{"direction", "two-way"}, {"delete", "yes"}});
    refused("a:/x", "b:/x", {{"conflict", "newer"}});
    EXPECT_NO_THROW(run("a:/x", "a:/xy"));
}

TEST(SyncChoice, TakesRightsOverBothAgents) {
    const auto rights = [](const RunTexts& options) {
        std::string text;
        for (const RightOver& needed : rightsToSynchronise(run("a:/x", "b:/x", options))) {
            text += std::string(nameOf(needed.right)) + " " + needed.scope.agent.value() + "; ";
        }
        return text;
    };
    EXPECT_EQ(rights({}), "read-files a; read-files b; change-files b; ");
    EXPECT_EQ(rights({{"direction", "two-way"}}),
              "read-files a; read-files b; change-files b; change-files a; ");
}

TEST(FolderUses, WhoWritesIsAlone) {
    const FolderUse writes{{"a", "/x"}, true};
    const FolderUse reads{{"a", "/x"}, false};
    EXPECT_TRUE(writes.isInTheWayOf(reads));
    EXPECT_TRUE(reads.isInTheWayOf(writes));
    EXPECT_FALSE(reads.isInTheWayOf(reads));
    EXPECT_TRUE(writes.isInTheWayOf({{"a", "/x/y"}, false}));
    EXPECT_TRUE(writes.isInTheWayOf({{"a", "/"}, true}));
    EXPECT_FALSE(writes.isInTheWayOf({{"a", "/xy"}, true}));
    EXPECT_FALSE(writes.isInTheWayOf({{"b", "/x"}, true}));
}

TEST(FolderUses, OfARun) {
    const RunRecord once = syncRun("ann", "a:/x", "b:/y", {}, {});
    EXPECT_EQ(folderUsesOf(once),
              (std::vector<FolderUse>{{{"a", "/x"}, false}, {{"b", "/y"}, true}}));
    const RunRecord both = syncRun("ann", "a:/x", "b:/y", {}, {{"direction", "two-way"}});
    EXPECT_EQ(folderUsesOf(both),
              (std::vector<FolderUse>{{{"a", "/x"}, true}, {{"b", "/y"}, true}}));
    RunRecord other = once;
    other.kind = run_kind::verify;
    EXPECT_TRUE(folderUsesOf(other).empty());
    other = once;
    other.target = "nonsense";
    EXPECT_TRUE(folderUsesOf(other).empty());
}

}  // namespace
}  // namespace coffer
