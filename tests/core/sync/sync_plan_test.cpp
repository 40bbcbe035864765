// The plan for one folder, as tables.

#include "core/sync/sync_plan.h"

#include <gtest/gtest.h>

#include <map>

namespace coffer {
namespace {

SyncLook file(std::int64_t time, std::uint64_t size = 3, std::uint32_t mode = 0644) {
    return {SyncKind::file, size, {time, 5}, mode, {}};
}
SyncLook folder(std::uint32_t mode = 0755) {
    return {SyncKind::folder, 0, {1, 0}, mode, {}};
}
SyncLook linkTo(const std::string& text) {
    return {SyncKind::symlink, 0, {1, 0}, 0, text};
}
SyncLook pipe() {
    return {SyncKind::other, 0, {1, 0}, 0600, {}};
}

using Look = std::optional<SyncLook>;

// "copy>target", the actions on one name.
std::string planned(const Look& source, const Look& target, const SyncRules& rules,
                    const std::optional<std::pair<SyncLook, SyncLook>>& memory = {}) {
    SyncEntries here;
    SyncEntries there;
    std::vector<SyncMemory> before;
    if (source) here.push_back({"n", *source});
    if (target) there.push_back({"n", *target});
    if (memory) before.push_back({"n", memory->first, memory->second});
    std::string text;
    for (const SyncAction& action : planFolder(here, there, before, rules)) {
        if (!text.empty()) text += " ";
        text += nameOf(action.verb);
        text += action.to == SyncSide::source ? "<" : ">";
        if (action.conflict) text += "!";
    }
    return text;
}

TEST(SyncPlan, OneWay) {
    const SyncRules keeps;
    const SyncRules erases{.erases = true};
    struct Case {
        Look source;
        Look target;
        std::string kept;
        std::string erased;
    };
    const std::vector<Case> cases{
        {file(1), {}, "copy>", "copy>"},
        {file(1), file(1), "same>", "same>"},
        {file(2), file(1), "copy>", "copy>"},
        {file(1), file(2), "copy>", "copy>"},
        {file(1, 4), file(1), "copy>", "copy>"},
        {file(1, 3, 0600), file(1), "adjust>", "adjust>"},
        {{}, file(1), "", "remove>"},
        {{}, folder(), "", "remove-folder>"},
        {{}, pipe(), "", "remove>"},
        {folder(), {}, "make-folder>", "make-folder>"},
        {folder(), folder(), "folder>", "folder>"},
        {linkTo("a"), linkTo("a"), "same>", "same>"},
        {linkTo("a"), linkTo("b"), "copy>", "copy>"},
        {linkTo("a"), file(1), "copy>", "copy>"},
        {pipe(), {}, "refused>", "refused>"},
        {pipe(), file(1), "refused>", "refused>"},
        {file(1), folder(), "refused>", "remove-folder> copy>"},
        {folder(), file(1), "refused>", "remove> make-folder>"},
        {file(1), pipe(), "refused>", "remove> copy>"},
    };
    for (std::size_t i = 0; i < cases.size(); ++i) {
        SCOPED_TRACE(i);
        EXPECT_EQ(planned(cases[i].source, cases[i].target, keeps), cases[i].kept);
        EXPECT_EQ(planned(cases[i].source, cases[i].target, erases), cases[i].erased);
    }
}

TEST(SyncPlan, TwoWayWithoutMemory) {
    const SyncRules rules{.twoWay = true};
    EXPECT_EQ(planned(file(1), {}, rules), "copy>");
    EXPECT_EQ(planned({}, file(1), rules), "copy<");
    EXPECT_EQ(planned({}, folder(), rules), "make-folder<");
    EXPECT_EQ(planned(file(1), file(1), rules), "same>");
    EXPECT_EQ(planned(file(2), file(1), rules), "keep-both>!");
    EXPECT_EQ(planned(file(1), file(2), rules), "keep-both<!");
    EXPECT_EQ(planned(folder(), folder(), rules), "folder>");
    EXPECT_EQ(planned(folder(), file(1), rules), "keep-both>! make-folder>");
    EXPECT_EQ(planned(file(1), folder(), rules), "keep-both<! make-folder<");
    EXPECT_EQ(planned(pipe(), {}, rules), "refused>");
    EXPECT_EQ(planned({}, pipe(), rules), "refused<");
}

TEST(SyncPlan, TwoWayWithMemory) {
    const SyncRules rules{.twoWay = true};
    const std::pair same{file(1), file(1)};
    const std::pair folders{folder(), folder()};
    // The same on both sides, though they look different: a file system that cuts times.
    const std::pair apart{file(1), file(7)};
    struct Case {
        Look source;
        Look target;
        std::pair<SyncLook, SyncLook> memory;
        std::string plan;
    };
    const std::vector<Case> cases{
        {file(1), file(1), same, "same>"},
        {file(1), file(7), apart, "same>"},
        {file(2), file(1), same, "copy>"},
        {file(1), file(2), same, "copy<"},
        {file(2), file(2), same, "same>"},
        {file(2), file(3), same, "keep-both<!"},
        {{}, {}, same, "gone>"},
        {{}, file(1), same, "remove>"},
        {file(1), {}, same, "remove<"},
        {{}, file(2), same, "copy<"},  // the change wins
        {file(2), {}, same, "copy>"},
        {{}, folder(), folders, "remove-folder>"},
        {folder(), {}, folders, "remove-folder<"},
        {{}, folder(), same, "make-folder<"},
        {folder(), file(1), same, "remove> make-folder>"},
        {file(1), folder(), same, "remove< make-folder<"},
        {file(2), folder(), folders, "keep-both<! make-folder<"},
        {linkTo("x"), file(1), same, "copy>"},
        {file(1, 3, 0600), file(1), same, "adjust>"},
        {file(1), file(1, 3, 0600), same, "adjust<"},
        {folder(), folder(0700), folders, "folder<"},
        {folder(0700), folder(), folders, "folder>"},
    };
    for (std::size_t i = 0; i < cases.size(); ++i) {
        SCOPED_TRACE(i);
        EXPECT_EQ(planned(cases[i].source, cases[i].target, rules, cases[i].memory), cases[i].plan);
    }
}

TEST(SyncPlan, AConflictIsResolvedAsTheRulesSay) {
    SyncRules rules{.twoWay = true, .conflict = SyncConflict::newer};
    EXPECT_EQ(planned(file(2), file(1), rules), "copy>!");
    EXPECT_EQ(planned(file(1), file(2), rules), "copy<!");
    rules.conflict = SyncConflict::source;
    EXPECT_EQ(planned(file(1), file(2), rules), "copy>!");
    rules.conflict = SyncConflict::target;
    EXPECT_EQ(planned(file(2), file(1), rules), "copy<!");
    EXPECT_EQ(planned(file(2), folder(), rules), "keep-both<! make-folder<");
}

TEST(SyncPlan, ContentIsReadWhenAskedFor) {
    EXPECT_EQ(planned(file(1), file(1), {.readsContent = true}), "compare>");
    EXPECT_EQ(planned(file(2), file(1), {.readsContent = true}), "copy>");
    EXPECT_EQ(planned(linkTo("a"), linkTo("a"), {.readsContent = true}), "same>");
}

TEST(SyncPlan, GoesThroughAllNamesInOrder) {
    const SyncEntries source{{"a", file(1)}, {"c", file(1)}, {"\xff", file(1)}};
    const SyncEntries target{{"b", file(1)}, {"c", file(1)}};
    std::string names;
    for (const SyncAction& action : planFolder(source, target, {}, {.erases = true})) {
        names += action.name;
    }
    EXPECT_EQ(names, "abc\xff");
}

TEST(SyncPlan, TimesWithoutFractionsEqualAnyInTheirSecond) {
    SyncLook whole = file(9);
    whole.modified.nanoseconds = 0;
    SyncLook other = file(9);
    other.modified.nanoseconds = 6;
    EXPECT_TRUE(sameContent(file(9), whole));
    EXPECT_FALSE(sameContent(file(9), other));
}

TEST(SyncPlan, NamesOfConflicts) {
    const Timestamp now{1'800'000'000, 0};
    EXPECT_EQ(conflictName("a.txt", now, "laptop", 1), "a.txt.conflict-20270115T080000Z-laptop");
    EXPECT_EQ(conflictName("a.txt", now, "laptop", 2), "a.txt.conflict-20270115T080000Z-laptop-2");
    EXPECT_EQ(conflictName(std::string(255, 'x'), now, "laptop", 1).size(), 255U);
}

TEST(SyncEntries, LinksOfWhichTheOctetsAreNotKnownAreNotCarried) {
    ObjectEntry link;
    link.kind = "symlink";
    link.more["link-target"] = "a\\xff";
    EXPECT_EQ(syncEntryOf(link).look.kind, SyncKind::other);
    link.more["link-target-hex"] = "61ff";
    EXPECT_EQ(syncEntryOf(link).look.link, "a\xff");
}

}  // namespace
}  // namespace coffer
