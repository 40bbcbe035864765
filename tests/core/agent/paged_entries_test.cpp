#include "core/agent/paged_entries.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/expect_error.h"

namespace coffer {
namespace {

class CountingCursor : public EntryCursor {
  public:
    CountingCursor(std::size_t count, std::size_t nameSize) : left_(count), nameSize_(nameSize) {}
    std::optional<ObjectEntry> next() override {
        if (left_ == 0) return std::nullopt;
        ObjectEntry entry;
        entry.name = std::string(nameSize_, 'n') + std::to_string(left_--);
        return entry;
    }

  private:
    std::size_t left_;
    std::size_t nameSize_;
};

PagedEntries pagesOf(std::size_t count, std::size_t nameSize = 1) {
    return PagedEntries(std::make_unique<CountingCursor>(count, nameSize));
}

TEST(PagedEntries, KnowsWhetherThereIsMore) {
    auto pages = pagesOf(5);
    auto page = pages.next(2);
    EXPECT_EQ(page.entries.size(), 2u);
    EXPECT_TRUE(page.more);
    page = pages.next(3);
    EXPECT_EQ(page.entries.size(), 3u);
    EXPECT_FALSE(page.more);
    page = pages.next(3);
    EXPECT_TRUE(page.entries.empty());
    EXPECT_FALSE(page.more);
}

TEST(PagedEntries, AnEmptyListIsOneEmptyPage) {
    auto pages = pagesOf(0);
    const auto page = pages.next(10);
    EXPECT_TRUE(page.entries.empty());
    EXPECT_FALSE(page.more);
}

TEST(PagedEntries, EndsAPageThatGrowsTooLarge) {
    auto pages = pagesOf(100, 100'000);
    std::size_t seen = 0;
    for (bool more = true; more;) {
        const auto page = pages.next(PagedEntries::longestPage);
        EXPECT_LE(page.entries.size(), PagedEntries::largestPage / 100'000 + 1);
        ASSERT_FALSE(page.entries.empty());
        seen += page.entries.size();
        more = page.more;
    }
    EXPECT_EQ(seen, 100u);
}

TEST(PagedEntries, BoundsWhatIsAskedFor) {
    auto pages = pagesOf(5);
    expectError(ErrorCode::invalidArgument, [&] { pages.next(0); });
    expectError(ErrorCode::invalidArgument, [&] { pages.next(PagedEntries::longestPage + 1); });
}

}  // namespace
}  // namespace coffer
