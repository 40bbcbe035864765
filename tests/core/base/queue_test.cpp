#include <gtest/gtest.h>

#include "core/base/queue.h"

namespace coffer {
namespace {

TEST(BoundedQueue, GivesOutWhatIsThereAtOnce) {
    BoundedQueue<int> queue(2);
    EXPECT_EQ(queue.popAtOnce(), std::nullopt);
    queue.push(1);
    queue.push(2);
    EXPECT_EQ(queue.popAtOnce(), 1);
    EXPECT_TRUE(queue.push(3));  // there is room again
    EXPECT_EQ(queue.pop(), 2);
    queue.close();
    EXPECT_EQ(queue.popAtOnce(), 3);
    EXPECT_EQ(queue.popAtOnce(), std::nullopt);
    EXPECT_EQ(queue.pop(), std::nullopt);
    EXPECT_FALSE(queue.push(4));
}

}  // namespace
}  // namespace coffer
