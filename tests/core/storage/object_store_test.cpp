#include "core/storage/object_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <vector>

#include "core/base/threads.h"
#include "tests/core/storage/store_fixtures.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// What every ObjectStore must do.
template <class Place>
class ObjectStoreTest : public testing::Test {
  protected:
    std::string textIn(std::string_view name) {
        return std::string(textOf(readAll(store_, name, 1 << 20)));
    }

    std::vector<std::string> namesIn(std::string_view prefix) {
        std::vector<std::string> names;
        store_.list(prefix, [&](std::string_view name, std::uint64_t size) {
            EXPECT_EQ(store_.size(name), size);
            names.emplace_back(name);
        });
        return names;
    }

    Place place_;
    ObjectStore& store_ = place_.open();
};

using Places = testing::Types<MemoryPlace, SystemDiskPlace, SimulatedDiskPlace, RetryingPlace,
                              ThrottlingPlace, MeteredPlace, ReadOnlyPlace>;
TYPED_TEST_SUITE(ObjectStoreTest, Places);

TYPED_TEST(ObjectStoreTest, EmptyStoreHoldsNothing) {
    EXPECT_EQ(this->store_.size("a"), std::nullopt);
    EXPECT_THAT(this->namesIn(""), IsEmpty());
    EXPECT_THAT(this->namesIn("packs/"), IsEmpty());
    expectError(
        ErrorCode::notFound, [&] { this->textIn("a"); }, "a");
    expectError(
        ErrorCode::notFound, [&] { this->store_.remove("packs/a"); }, "packs/a");
    Bytes out(1);
    expectError(
        ErrorCode::notFound, [&] { this->store_.read("packs/a", 0, out); }, "packs/a");
}

TYPED_TEST(ObjectStoreTest, WriterAppendsAndCommits) {
    const auto writer = this->store_.create("packs/ab/1");
    writer->append(bytesOf("one "));
    writer->append({});
    writer->append(bytesOf("two"));
    EXPECT_EQ(this->store_.size("packs/ab/1"), std::nullopt);
    EXPECT_THAT(this->namesIn(""), IsEmpty());
    writer->commit();
    EXPECT_EQ(this->textIn("packs/ab/1"), "one two");
    EXPECT_EQ(this->store_.size("packs/ab/1"), 7U);
}

TYPED_TEST(ObjectStoreTest, WriterReadsBackWhatItWasGiven) {
    const auto writer = this->store_.create("a");
    writer->append(bytesOf("one "));
    writer->append(bytesOf("two"));
    Bytes out(4);
    writer->readBack(2, out);
    EXPECT_EQ(textOf(out), "e tw");
    writer->append(bytesOf("!"));
    writer->readBack(4, out);
    EXPECT_EQ(textOf(out), "two!");
    expectError(ErrorCode::corrupt, [&] { writer->readBack(5, out); });
    expectError(ErrorCode::corrupt, [&] { writer->readBack(9, out); });
    writer->commit();
    EXPECT_EQ(this->textIn("a"), "one two!");
}

TYPED_TEST(ObjectStoreTest, AnotherStoreOnTheSamePlaceSeesTheObjects) {
    putNew(this->store_, "a", bytesOf("x"));
    ObjectStore& second = this->place_.open();
    EXPECT_EQ(textOf(readAll(second, "a", 10)), "x");
}

TYPED_TEST(ObjectStoreTest, WriterWithoutCommitLeavesNothing) {
    this->store_.create("a")->append(bytesOf("x"));
    EXPECT_EQ(this->store_.size("a"), std::nullopt);
    EXPECT_THAT(this->namesIn(""), IsEmpty());
}

TYPED_TEST(ObjectStoreTest, WriterIsOfNoUseAfterCommit) {
    const auto writer = this->store_.create("a");
    writer->commit();
    EXPECT_TRUE(errorOf([&] { writer->append(bytesOf("x")); }));
    EXPECT_TRUE(errorOf([&] { writer->commit(); }));
    EXPECT_EQ(this->textIn("a"), "");
}

TYPED_TEST(ObjectStoreTest, CommitDoesNotReplace) {
    const auto late = this->store_.create("a");
    late->append(bytesOf("late"));
    putNew(this->store_, "a", bytesOf("first"));
    expectError(
        ErrorCode::alreadyExists, [&] { late->commit(); }, "a");
    EXPECT_TRUE(errorOf([&] { late->append(bytesOf("x")); }));
    EXPECT_TRUE(errorOf([&] { late->commit(); }));
    expectError(ErrorCode::alreadyExists, [&] { putNew(this->store_, "a", {}); });
    EXPECT_EQ(this->textIn("a"), "first");
    EXPECT_THAT(this->namesIn(""), ElementsAre("a"));
}

TYPED_TEST(ObjectStoreTest, PutCreatesAndReplaces) {
    this->store_.put("heads/main", bytesOf("old and long"));
    EXPECT_EQ(this->textIn("heads/main"), "old and long");
    this->store_.put("heads/main", bytesOf("new"));
    EXPECT_EQ(this->textIn("heads/main"), "new");
    this->store_.put("heads/main", {});
    EXPECT_EQ(this->textIn("heads/main"), "");
}

TYPED_TEST(ObjectStoreTest, ReadsRanges) {
    this->store_.put("a", bytesOf("0123456789"));
    Bytes out(3);
    this->store_.read("a", 0, out);
    EXPECT_EQ(textOf(out), "012");
    this->store_.read("a", 7, out);
    EXPECT_EQ(textOf(out), "789");
    this->store_.read("a", 10, {});
}

TYPED_TEST(ObjectStoreTest, ReadingPastTheEndIsCorrupt) {
    this->store_.put("a", bytesOf("0123456789"));
    Bytes out(3);
    const auto readAt = [&](std::uint64_t offset) {
        expectError(
            ErrorCode::corrupt, [&] { this->store_.read("a", offset, out); }, "a");
    };
    readAt(8);
    readAt(11);
    readAt(~std::uint64_t{0});
    readAt(std::uint64_t{1} << 63);
}

TYPED_TEST(ObjectStoreTest, RemovedObjectsAreGone) {
    this->store_.put("packs/a", bytesOf("x"));
    EXPECT_EQ(this->textIn("packs/a"), "x");
    this->store_.remove("packs/a");
    EXPECT_EQ(this->store_.size("packs/a"), std::nullopt);
    expectError(ErrorCode::notFound, [&] { this->textIn("packs/a"); });
    Bytes out(1);
    expectError(ErrorCode::notFound, [&] { this->store_.read("packs/a", 0, out); });
    expectError(ErrorCode::notFound, [&] { this->store_.remove("packs/a"); });
    putNew(this->store_, "packs/a", bytesOf("y"));
    EXPECT_EQ(this->textIn("packs/a"), "y");
}

TYPED_TEST(ObjectStoreTest, FoldersAreNoObjects) {
    this->store_.put("packs/a", bytesOf("x"));
    EXPECT_EQ(this->store_.size("packs"), std::nullopt);
    expectError(ErrorCode::notFound, [&] { this->textIn("packs"); });
    expectError(ErrorCode::notFound, [&] { this->store_.remove("packs"); });
    EXPECT_EQ(this->textIn("packs/a"), "x");
}

TYPED_TEST(ObjectStoreTest, ListsInOrderOfWholeNames) {
    for (const char* name : {"b/2", "b/10", "b-c", "b.c", "b0", "a", "b/d/e", "b/d-e", "c/x"}) {
        this->store_.put(name, bytesOf(name));
    }
    EXPECT_THAT(this->namesIn(""),
                ElementsAre("a", "b-c", "b.c", "b/10", "b/2", "b/d-e", "b/d/e", "b0", "c/x"));
    EXPECT_THAT(this->namesIn("b/"), ElementsAre("b/10", "b/2", "b/d-e", "b/d/e"));
    EXPECT_THAT(this->namesIn("b/d/"), ElementsAre("b/d/e"));
    EXPECT_THAT(this->namesIn("a/"), IsEmpty());
}

TYPED_TEST(ObjectStoreTest, ListingToleratesRemovalByItsOwnCallback) {
    for (const char* name : {"a", "b/1", "b/2", "c"}) this->store_.put(name, {});
    std::vector<std::string> names;
    this->store_.list("", [&](std::string_view name, std::uint64_t) {
        names.emplace_back(name);
        this->store_.remove(name);
    });
    EXPECT_THAT(names, ElementsAre("a", "b/1", "b/2", "c"));
    EXPECT_THAT(this->namesIn(""), IsEmpty());
}

TYPED_TEST(ObjectStoreTest, ErrorsOfTheListingCallbackPass) {
    this->store_.put("a", {});
    expectError(ErrorCode::cancelled, [&] {
        this->store_.list(
            "", [](std::string_view, std::uint64_t) { throw Error(ErrorCode::cancelled, "stop"); });
    });
}

TYPED_TEST(ObjectStoreTest, RefusesNamesAgainstTheRules) {
    const std::string longest(200, 'a');
    this->store_.put(longest, {});
    EXPECT_EQ(this->store_.size(longest), 0U);
    for (const std::string& name :
         {std::string(), std::string("/"), std::string("/a"), std::string("a/"),
          std::string("a//b"), std::string("."), std::string(".."), std::string("a/../b"),
          std::string(".a"), std::string("a/.b"), std::string("A"), std::string("a b"),
          std::string("a\\b"), std::string("a\0b", 3), std::string("\xc3\xa4"), longest + "a",
          std::string("tmp"), std::string("tmp/a")}) {
        SCOPED_TRACE(name);
        Bytes out(1);
        expectError(ErrorCode::invalidArgument, [&] { this->store_.create(name); });
        expectError(ErrorCode::invalidArgument, [&] { this->store_.put(name, {}); });
        expectError(ErrorCode::invalidArgument, [&] { this->store_.read(name, 0, out); });
        expectError(ErrorCode::invalidArgument, [&] { this->store_.size(name); });
        expectError(ErrorCode::invalidArgument, [&] { this->store_.remove(name); });
        expectError(ErrorCode::invalidArgument, [&] { checkObjectName(name); });
    }
    for (const char* name : {"a", "a/b", "a..b", "0-_.z", "tmpx", "a/tmp"}) checkObjectName(name);
    for (const char* prefix : {"a", "/", "../", "a//", "tmp/"}) {
        expectError(ErrorCode::invalidArgument, [&] { this->namesIn(prefix); });
    }
}

TYPED_TEST(ObjectStoreTest, ReadAllKeepsToItsLimit) {
    this->store_.put("a", bytesOf("12345"));
    EXPECT_EQ(readAll(this->store_, "a", 5).size(), 5U);
    expectError(
        ErrorCode::limitExceeded, [&] { readAll(this->store_, "a", 4); }, "a");
}

TYPED_TEST(ObjectStoreTest, ManyObjectsCanBeReadInTurn) {
    constexpr int count = 40;
    for (int i = 0; i < count; ++i) {
        this->store_.put("n/" + std::to_string(i), bytesOf(std::to_string(i)));
    }
    for (int round = 0; round < 2; ++round) {
        for (int i = 0; i < count; ++i) {
            EXPECT_EQ(this->textIn("n/" + std::to_string(i)), std::to_string(i));
        }
    }
}

TYPED_TEST(ObjectStoreTest, OfManyWritersOfOneNameOneWins) {
    std::atomic<int> wins = 0;
    ThreadScope threads;
    for (char who = 'a'; who < 'e'; ++who) {
        threads.start([this, who, &wins] {
            const std::string text(1000, who);
            const auto error = errorOf([&] { putNew(this->store_, "x/one", bytesOf(text)); });
            if (error) {
                EXPECT_EQ(error->code(), ErrorCode::alreadyExists) << error->what();
            } else {
                ++wins;
            }
        });
    }
    threads.join();
    EXPECT_EQ(wins, 1);
    const std::string text = this->textIn("x/one");
    EXPECT_EQ(text, std::string(1000, text.at(0)));
}

TYPED_TEST(ObjectStoreTest, ReadersSeeWholeObjectsWhileTheyAreReplaced) {
    const auto body = [](int i) { return std::string(static_cast<std::size_t>(100 + i), 'x'); };
    this->store_.put("head", bytesOf(body(0)));
    ThreadScope threads;
    threads.start([&] {
        for (int i = 1; i <= 50; ++i) this->store_.put("head", bytesOf(body(i)));
    });
    threads.start([&] {
        std::size_t last = 0;
        while (last < 150) {
            const std::string text = this->textIn("head");
            EXPECT_GE(text.size(), last);
            EXPECT_EQ(text, std::string(text.size(), 'x'));
            last = text.size();
        }
    });
    threads.join();
}

}  // namespace
}  // namespace coffer
