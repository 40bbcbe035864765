// What holds of the rules for any snapshots: random ones, from fixed seeds.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "core/base/calendar.h"
#include "core/snapshot/retention.h"

namespace coffer {
namespace {

constexpr int rounds = 400;
const ZoneOffset zone = [](Timestamp) { return std::int64_t{3600}; };
const std::int64_t epoch = daysOf({2026, 1, 1}) * 86400;

struct World {
    RetentionRules rules;
    std::vector<RetentionCandidate> snapshots;
    std::vector<SourceRuns> runs;
    Timestamp now;
};

class Dice {
  public:
    explicit Dice(unsigned seed) : engine_(seed) {}
    std::int64_t upTo(std::int64_t most) {
        return std::uniform_int_distribution<std::int64_t>(0, most)(engine_);
    }
    bool oneIn(std::int64_t many) { return upTo(many - 1) == 0; }
    std::mt19937& engine() { return engine_; }

  private:
    std::mt19937 engine_;
};

RetentionRules someRules(Dice& dice) {
    RetentionRules rules;
    for (auto* count :
         {&rules.last, &rules.hourly, &rules.daily, &rules.weekly, &rules.monthly, &rules.yearly}) {
        if (dice.oneIn(2)) *count = static_cast<std::uint32_t>(dice.upTo(6));
    }
    if (dice.oneIn(3)) rules.within = 3600 * (1 + dice.upTo(2000));
    if (dice.oneIn(3)) rules.tags = {"red"};
    rules.keepVerified = static_cast<std::uint32_t>(dice.upTo(3));
    if (!rules.any()) rules.last = 1;
    return rules;
}

World someWorld(unsigned seed) {
    Dice dice(seed);
    World world;
    world.rules = someRules(dice);
    const std::int64_t spread = std::int64_t{3600} << dice.upTo(14);
    std::set<std::int64_t> times;
    for (std::int64_t count = dice.upTo(60); count >= 0; --count) times.insert(dice.upTo(spread));
    std::uint8_t number = 0;
    for (const std::int64_t time : times) {
        RetentionCandidate snapshot;
        snapshot.id.bytes[0] = ++number;
        snapshot.source = SourceKey::of(AgentId{}, {dice.oneIn(3) ? "/a" : "/b"});
        snapshot.committed = {epoch + time, 0};
        if (dice.oneIn(5)) snapshot.tags = {dice.oneIn(2) ? "red" : "blue"};
        if (dice.oneIn(6)) snapshot.lockedUntil = Timestamp{epoch + dice.upTo(2 * spread), 0};
        snapshot.verified = dice.oneIn(3);
        snapshot.damaged = dice.oneIn(8);
        snapshot.hidden = dice.oneIn(8);
        world.snapshots.push_back(snapshot);
    }
    world.now = {epoch + spread, 0};
    if (dice.oneIn(4)) {
        world.runs.push_back({SourceKey::of(AgentId{}, {"/a"}), {}, Timestamp{epoch, 0}});
    }
    return world;
}

std::map<SnapshotId, std::vector<RetentionReason>> verdictsOf(const World& world) {
    std::map<SnapshotId, std::vector<RetentionReason>> verdicts;
    for (const RetentionGroup& group :
         applyRetention(world.rules, world.snapshots, world.runs, world.now, zone)) {
        for (const RetentionVerdict& verdict : group.verdicts) {
            verdicts[verdict.id] = verdict.reasons;
        }
    }
    return verdicts;
}

World withoutForgotten(World world) {
    const auto verdicts = verdictsOf(world);
    std::erase_if(world.snapshots, [&](const RetentionCandidate& snapshot) {
        return verdicts.at(snapshot.id).empty();
    });
    return world;
}

std::set<SnapshotId> kept(const World& world) {
    std::set<SnapshotId> ids;
    for (const auto& [id, reasons] : verdictsOf(world)) {
        if (!reasons.empty()) ids.insert(id);
    }
    return ids;
}

TEST(RetentionProperty, EachSnapshotHasOneVerdict) {
    for (unsigned seed = 0; seed < rounds; ++seed) {
        const World world = someWorld(seed);
        EXPECT_EQ(verdictsOf(world).size(), world.snapshots.size()) << seed;
    }
}

TEST(RetentionProperty, OrderOfTheListDoesNotMatter) {
    for (unsigned seed = 0; seed < rounds; ++seed) {
        World world = someWorld(seed);
        const auto before = verdictsOf(world);
        Dice dice(seed);
        std::ranges::shuffle(world.snapshots, dice.engine());
        EXPECT_EQ(verdictsOf(world), before) << seed;
    }
}

TEST(RetentionProperty, DoingItAgainForgetsNothingMore) {
    for (unsigned seed = 0; seed < rounds; ++seed) {
        const World once = withoutForgotten(someWorld(seed));
        EXPECT_EQ(kept(once).size(), once.snapshots.size()) << seed;
    }
}

TEST(RetentionProperty, GuardsHold) {
    for (unsigned seed = 0; seed < rounds; ++seed) {
        World world = someWorld(seed);
        const auto verdicts = verdictsOf(world);
        const auto stays = [&](const RetentionCandidate& snapshot) {
            return !verdicts.at(snapshot.id).empty();
        };
        std::map<SourceKey, std::uint32_t> verified;
        std::map<SourceKey, bool> newestSeen;
        for (auto it = world.snapshots.rbegin(); it != world.snapshots.rend(); ++it) {
            if (it->lockedUntil && *it->lockedUntil > world.now) {
                EXPECT_TRUE(stays(*it)) << seed;
            }
            if (it->hidden) {
                EXPECT_TRUE(stays(*it)) << seed;
                continue;
            }
            if (!world.runs.empty() && it->source == world.runs[0].source) {
                EXPECT_TRUE(stays(*it)) << seed;
            }
            if (it->damaged) continue;
            if (!newestSeen[it->source]) {
                EXPECT_TRUE(stays(*it)) << seed;
            }
            newestSeen[it->source] = true;
            if (it->verified && ++verified[it->source] <= world.rules.keepVerified) {
                EXPECT_TRUE(stays(*it)) << seed;
            }
        }
    }
}

TEST(RetentionProperty, CheckpointsChangeNothingForOthers) {
    for (unsigned seed = 0; seed < rounds; ++seed) {
        World world = someWorld(seed);
        const auto with = verdictsOf(world);
        std::erase_if(world.snapshots, [](const RetentionCandidate& it) { return it.hidden; });
        for (const auto& [id, reasons] : verdictsOf(world)) EXPECT_EQ(reasons, with.at(id)) << seed;
    }
}

// Rules are applied after every backup, so what a rule needs later must not go before.
TEST(RetentionProperty, ForgettingEveryDayLosesNoPeriodThatForgettingOnceKeeps) {
    for (unsigned seed = 0; seed < rounds / 4; ++seed) {
        World all = someWorld(seed);
        all.runs.clear();
        World daily = all;
        daily.snapshots.clear();
        for (const RetentionCandidate& snapshot : all.snapshots) {
            daily.snapshots.push_back(snapshot);
            daily.now = snapshot.committed;
            daily = withoutForgotten(daily);
        }
        daily.now = all.now;
        const std::set<SnapshotId> there = kept(daily);
        for (const auto& [id, reasons] : verdictsOf(all)) {
            for (const RetentionReason& reason : reasons) {
                if (reason.detail == "oldest") continue;
                EXPECT_TRUE(there.contains(id)) << seed;
            }
        }
    }
}

TEST(RetentionProperty, HigherCountKeepsMore) {
    for (unsigned seed = 0; seed < rounds; ++seed) {
        World world = someWorld(seed);
        world.rules.yearly = world.rules.monthly = world.rules.weekly = 0;
        world.rules.daily = 100;  // more days than there are snapshots: no rule lacks its oldest
        const std::set<SnapshotId> before = kept(world);
        world.rules.last += 2;
        world.rules.within += 86400;
        ++world.rules.keepVerified;
        EXPECT_TRUE(std::ranges::includes(kept(world), before)) << seed;
    }
}

}  // namespace
}  // namespace coffer
