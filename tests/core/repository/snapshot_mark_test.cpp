#include "core/repository/snapshot_mark.h"

#include "tests/support/expect_error.h"

namespace coffer {
namespace {

SnapshotMark read(ByteView octets) {
    WireReader reader(octets);
    SnapshotMark mark = SnapshotMark::read(reader);
    reader.expectEnd();
    return mark;
}

Bytes written(const SnapshotMark& mark) {
    WireWriter writer;
    mark.write(writer);
    return writer.take();
}

TEST(SnapshotMark, ComesBack) {
    SnapshotMark full{Timestamp{1'800'000'000, 7}, {}};
    for (std::size_t i = 0; i < tagsAtMost; ++i) full.addTag("tag-" + std::to_string(i));
    for (const SnapshotMark& mark :
         {SnapshotMark{}, SnapshotMark{Timestamp{-1, 0}, {}}, SnapshotMark{{}, {"a", "b"}}, full}) {
        EXPECT_EQ(read(written(mark)), mark);
    }
}

TEST(SnapshotMark, TagsAreSortedEachOnce) {
    SnapshotMark mark;
    for (const char* tag : {"release", "audit", "release", "Prüfung"}) mark.addTag(tag);
    EXPECT_EQ(mark.tags, (std::vector<std::string>{"Prüfung", "audit", "release"}));
    mark.removeTag("audit");
    mark.removeTag("never");
    EXPECT_EQ(mark.tags, (std::vector<std::string>{"Prüfung", "release"}));
}

TEST(SnapshotMark, WhatIsATag) {
    for (const char* tag : {"a", "2026-11", "release/1.0", "Prüfung", "a:b=c"}) {
        EXPECT_TRUE(isTag(tag)) << tag;
    }
    EXPECT_TRUE(isTag(std::string(longestTag, 'x')));
    for (const std::string& tag :
         {std::string(), std::string("a b"), std::string("a,b"), std::string("a\nb"),
          std::string("a\\b"), std::string("\xff"), std::string(longestTag + 1, 'x')}) {
        EXPECT_FALSE(isTag(tag)) << tag;
        SnapshotMark mark;
        expectError(
            ErrorCode::invalidArgument, [&] { mark.addTag(tag); }, "is no tag");
    }
}

TEST(SnapshotMark, TooManyTagsAreRefused) {
    SnapshotMark mark;
    for (std::size_t i = 0; i < tagsAtMost; ++i) mark.addTag("tag-" + std::to_string(i));
    mark.addTag("tag-0");
    expectError(ErrorCode::limitExceeded, [&] { mark.addTag("one-more"); });
}

TEST(SnapshotMark, IsLockedUpToItsTime) {
    const SnapshotMark mark{Timestamp{100, 0}, {}};
    EXPECT_TRUE(mark.isLocked({99, 999'999'999}));
    EXPECT_FALSE(mark.isLocked({100, 0}));
    EXPECT_FALSE(SnapshotMark{}.isLocked({0, 0}));
}

TEST(SnapshotMark, DamagedOnesAreRefused) {
    const Bytes sound = written({Timestamp{5, 6}, {"a", "b"}});
    for (std::size_t size = 0; size < sound.size(); ++size) {
        expectError(ErrorCode::corrupt, [&] { read(ByteView(sound).first(size)); });
    }
    expectError(ErrorCode::corrupt, [&] { read(Bytes{2, 0}); });
    expectError(
        ErrorCode::corrupt,
        [&] {
            read(written({{}, {"b", "a"}}));
        },
        "order");
    expectError(
        ErrorCode::corrupt,
        [&] {
            read(written({{}, {"a", "a"}}));
        },
        "order");
    expectError(ErrorCode::corrupt, [&] { read(written({{}, {"a b"}})); });
    expectError(ErrorCode::corrupt, [&] { read(written({{}, {""}})); });
    expectError(ErrorCode::corrupt, [&] {
        read(written({{}, {std::string(longestTag + 1, 'x')}}));
    });
    SnapshotMark many;
    for (int i = 0; i < 33; ++i) many.tags.push_back(std::to_string(100 + i));
    expectError(ErrorCode::corrupt, [&] { read(written(many)); });
}

}  // namespace
}  // namespace coffer
