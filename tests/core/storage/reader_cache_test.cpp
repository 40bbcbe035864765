#include "core/storage/reader_cache.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"
#include "tests/support/simulated_disk.h"

namespace coffer {
namespace {

class ReaderCacheTest : public testing::Test {
  protected:
    ReaderCacheTest() { disk_.create("/a")->write(bytesOf("a")); }

    SimulatedDisk disk_;
    ReaderCache cache_{disk_};
};

TEST_F(ReaderCacheTest, OpensAFileOnce) {
    EXPECT_EQ(cache_.open("/a"), cache_.open("/a"));
}

TEST_F(ReaderCacheTest, ForgottenFilesAreClosed) {
    const std::weak_ptr<DiskReader> reader = cache_.open("/a");
    EXPECT_FALSE(reader.expired());
    cache_.forget("/a");
    EXPECT_TRUE(reader.expired());
}

TEST_F(ReaderCacheTest, RemovedAndReplacedFilesAreNotServed) {
    const std::shared_ptr<DiskReader> old = cache_.open("/a");
    disk_.create("/b");
    disk_.rename("/b", "/a");
    EXPECT_NE(cache_.open("/a"), old);
    disk_.unlink("/a");
    expectError(ErrorCode::notFound, [&] { cache_.open("/a"); });
}

TEST_F(ReaderCacheTest, TheOneUnusedLongestIsClosedFirst) {
    for (int i = 0; i < 16; ++i) disk_.create("/" + std::to_string(i));
    const std::weak_ptr<DiskReader> used = cache_.open("/a");
    const std::weak_ptr<DiskReader> unused = cache_.open("/0");
    for (int i = 1; i < 16; ++i) {
        cache_.open("/" + std::to_string(i));
        cache_.open("/a");
    }
    EXPECT_FALSE(used.expired());
    EXPECT_TRUE(unused.expired());
}

}  // namespace
}  // namespace coffer
