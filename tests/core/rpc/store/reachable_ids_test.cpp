#include "core/rpc/store/reachable_ids.h"

#include <gtest/gtest.h>

#include "core/base/random.h"

namespace coffer::rpc {
namespace {

TEST(ReachableIds, NeverForgetsAndHardlyInvents) {
    constexpr std::size_t count = 200'000;  // more than are kept exactly
    std::vector<ChunkId> ids(count);
    ReachableIds reachable;
    for (ChunkId& id : ids) {
        id = randomId<ChunkId>();
        reachable.add(id);
        reachable.add(id);
    }
    for (const ChunkId& id : ids) ASSERT_TRUE(reachable.contains(id));
    std::size_t invented = 0;
    for (std::size_t i = 0; i < count; ++i) invented += reachable.contains(randomId<ChunkId>());
    EXPECT_LT(invented, 3U);
}

TEST(ReachableIds, IsEmptyAtFirst) {
    EXPECT_FALSE(ReachableIds().contains(ChunkId{}));
}

}  // namespace
}  // namespace coffer::rpc
