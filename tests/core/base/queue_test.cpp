#include <gtest/gtest.h>

#include "core/base/queue.h"

namespace coffer {
namespace {

TEST(BoundedQueue, GivesOutWhatIsInItAlsoWhenItIsClosed) {
    BoundedQueue<int> queue(2);
    queue.push(1);
    queue.push(2);
    EXPECT_EQ(queue.pop(), 1);
    EXPECT_TRUE(queue.push(3));  // there is room again
    EXPECT_EQ(queue.pop(), 2);
    queue.close();
    EXPECT_EQ(queue.pop(), 3);
    EXPECT_EQ(queue.pop(), std::nullopt);
    EXPECT_FALSE(queue.push(4));
}

}  // namespace
}  // namespace coffer
