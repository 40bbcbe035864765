#include "management_server/status/component_status.h"

#include <gtest/gtest.h>

namespace coffer {
namespace {

TEST(ComponentRollUp, TheWorstCountsForAllAbove) {
    ComponentRollUp up;
    up.add("office/laptops/ann", SourceState::safe);
    up.add("office/laptops/bob", SourceState::failing);
    up.add("office/server", SourceState::late);
    up.add("home", SourceState::safe);
    const auto& found = up.components();
    EXPECT_EQ(found.at(""), (ComponentStatus{SourceState::failing, 4, 2}));
    EXPECT_EQ(found.at("office"), (ComponentStatus{SourceState::failing, 3, 2}));
    EXPECT_EQ(found.at("office/laptops"), (ComponentStatus{SourceState::failing, 2, 1}));
    EXPECT_EQ(found.at("office/laptops/ann"), (ComponentStatus{SourceState::safe, 1, 0}));
    EXPECT_EQ(found.at("office/server"), (ComponentStatus{SourceState::late, 1, 1}));
    EXPECT_EQ(found.at("home"), (ComponentStatus{SourceState::safe, 1, 0}));
    EXPECT_EQ(found.size(), 7U);
    EXPECT_EQ(up.whole(), found.at(""));
}

TEST(ComponentRollUp, OddPathsCountOnceAtEachPlace) {
    ComponentRollUp up;
    up.add("", SourceState::late);
    EXPECT_EQ(up.whole(), (ComponentStatus{SourceState::late, 1, 1}));
    EXPECT_EQ(up.components().size(), 1U);
    std::string deep;
    for (int i = 0; i < 1'000; ++i) deep += "a/";
    up.add(deep + "end", SourceState::safe);
    EXPECT_LE(up.components().size(), ComponentRollUp::deepest + 2);
    EXPECT_EQ(up.whole().sources, 2U);
}

TEST(ComponentRollUp, NothingIsAllRight) {
    EXPECT_EQ(ComponentRollUp().whole(), ComponentStatus{});
}

}  // namespace
}  // namespace coffer
