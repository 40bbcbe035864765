#include "core/catalog/catalog_query.h"

#include "tests/core/catalog/catalog_fixture.h"

namespace coffer {
namespace {

using Paths = std::set<std::string>;

class CatalogQueries : public CatalogFixture {
  protected:
    CatalogQueries() {
        state_ = {{"/home", aFolder()},
                  {"/home/ann", aFolder()},
                  {"/home/ann/letter.docx", aFile(1)},
                  {"/home/ann/Letter.DOCX", aFile(2)},
                  {"/home/ann/letters", aFolder()},
                  {"/home/ann/letters/letter.docx", aFile(3)},
                  {"/home/bob", aFolder()},
                  {"/home/bob/a*b", aFile(4)},
                  {"/home/bob/a\xff\xfe", aFile(5)},
                  {"/home/bob/link", {EntryType::symlink, 0, {}}}};
        first_ = anId();
        enter(source("/home"), first_, {}, state_);
    }

    State state_;
    SnapshotId first_;
};

TEST_F(CatalogQueries, NamesPrefixesAndPatterns) {
    EXPECT_EQ(pathsOf({.pattern = "letter.docx"}),
              (Paths{"/home/ann/letter.docx", "/home/ann/letters/letter.docx"}));
    EXPECT_EQ(pathsOf({.pattern = "letter*"}), (Paths{"/home/ann/letter.docx", "/home/ann/letters",
                                                      "/home/ann/letters/letter.docx"}));
    EXPECT_EQ(pathsOf({.pattern = "*.docx"}),
              (Paths{"/home/ann/letter.docx", "/home/ann/letters/letter.docx"}));
    EXPECT_EQ(pathsOf({.pattern = "?ob"}), Paths{"/home/bob"});
    EXPECT_EQ(pathsOf({.pattern = "nothing"}), Paths{});
    EXPECT_EQ(pathsOf({.pattern = "letters/"}), Paths{"/home/ann/letters"});
    EXPECT_EQ(pathsOf({.pattern = "link/"}), Paths{});
}

// However much of a pattern stands for itself.
TEST_F(CatalogQueries, PatternsWithManyParts) {
    const Paths both{"/home/ann/letter.docx", "/home/ann/letters/letter.docx"};
    for (const char* pattern : {"*tt*d?cx", "?etter.d*", "[l-m]etter.docx", "*[t]er.docx",
                                "\\letter.doc?", "*.do[c-d]x", "*r.d*", "l*x", "l?tter[.]docx*"}) {
        EXPECT_EQ(pathsOf({.pattern = pattern}), both) << pattern;
    }
    for (const char* pattern : {"*tt*d??cx", "*letter.docx?", "*LETTER*", "[!l]etter.docx"}) {
        EXPECT_EQ(pathsOf({.pattern = pattern}), Paths{}) << pattern;
    }
    EXPECT_EQ(pathsOf({.pattern = "*/"}).count("/home/ann/letters"), 1U);
    EXPECT_EQ(pathsOf({.pattern = "*"}).size(), 10U);
}

TEST_F(CatalogQueries, PathsAreNamedAsElsewhere) {
    EXPECT_EQ(pathsOf({.pattern = "/home/ann/letter.docx"}), Paths{"/home/ann/letter.docx"});
    EXPECT_EQ(pathsOf({.pattern = "/home/*/letter.docx"}), Paths{"/home/ann/letter.docx"});
    EXPECT_EQ(pathsOf({.pattern = "letters/letter.docx"}), Paths{});
    EXPECT_EQ(pathsOf({.pattern = "/home/**/letter.docx"}),
              (Paths{"/home/ann/letter.docx", "/home/ann/letters/letter.docx"}));
    EXPECT_EQ(pathsOf({.pattern = "/home/bob/**"}),
              (Paths{"/home/bob/a*b", "/home/bob/a\xff\xfe", "/home/bob/link"}));
}

TEST_F(CatalogQueries, CaseIsIgnoredWhenAsked) {
    const Paths all{"/home/ann/letter.docx", "/home/ann/Letter.DOCX",
                    "/home/ann/letters/letter.docx"};
    EXPECT_EQ(pathsOf({.pattern = "LETTER.docx", .ignoreCase = true}), all);
    EXPECT_EQ(pathsOf({.pattern = "*.Docx", .ignoreCase = true}), all);
    EXPECT_EQ(pathsOf({.pattern = "LETTER.docx"}), Paths{});
}

TEST_F(CatalogQueries, AnyOctetsMayBeAName) {
    EXPECT_EQ(pathsOf({.pattern = "a\\*b"}), Paths{"/home/bob/a*b"});
    EXPECT_EQ(pathsOf({.pattern = "a\xff\xfe"}), Paths{"/home/bob/a\xff\xfe"});
    EXPECT_EQ(pathsOf({.pattern = "a\xff*"}), Paths{"/home/bob/a\xff\xfe"});
    EXPECT_EQ(pathsOf({.pattern = patternOfPath("/home/bob/a*b")}), Paths{"/home/bob/a*b"});
}

TEST_F(CatalogQueries, BelowAFolderAndOfAType) {
    EXPECT_EQ(pathsOf({.pattern = "letter.docx", .below = "/home/ann/letters"}),
              Paths{"/home/ann/letters/letter.docx"});
    EXPECT_EQ(pathsOf({.pattern = "*", .below = "/home/b"}), Paths{});
    EXPECT_EQ(pathsOf({.pattern = "*", .type = EntryType::symlink}), Paths{"/home/bob/link"});
}

TEST_F(CatalogQueries, PagesMissNothingAndRepeatNothing) {
    const std::size_t all = find({.pattern = "*"}).size();
    EXPECT_EQ(all, state_.size());
    for (const std::size_t page : {1U, 2U, 3U}) {
        EXPECT_EQ(find({.pattern = "*"}, page).size(), all);
    }
}

TEST_F(CatalogQueries, APageEndsWithItsTime) {
    State many;
    for (int i = 0; i < 1'000; ++i) many["/home/x" + std::to_string(i)] = aFile(1);
    enter(source("/many"), anId(), {}, many);
    search_.emplace(CatalogQuery{.pattern = "*nothing"}, view());
    const auto over = std::chrono::steady_clock::time_point::min();
    unsigned pages = 1;
    for (; search_->next(file(), 10, over).more; ++pages) ASSERT_LT(pages, 100U);
    EXPECT_GT(pages, 2U);
}

TEST_F(CatalogQueries, WhatIsNotInTheViewIsNotThere) {
    const SnapshotId other = anId();
    State state = state_;
    state.erase("/home/ann/letter.docx");
    state["/home/secret"] = aFile(1);
    enter(source("/home"), other, state_, state);
    const LivingSnapshots shown{first_};
    CatalogSearch search({.pattern = "*"}, view(&shown));
    std::size_t found = 0;
    for (const CatalogHit& hit :
         search.next(file(), 100, std::chrono::steady_clock::time_point::max()).hits) {
        EXPECT_NE(hit.path, "/home/secret");
        EXPECT_EQ(hit.holders.size(), 1U);
        ++found;
    }
    EXPECT_EQ(found, state_.size());
}

TEST_F(CatalogQueries, WhatIsNoPatternIsRefused) {
    for (const char* pattern : {"", "!a", "a\\", "[a", "/a//b"}) {
        expectError(ErrorCode::invalidArgument,
                    [&] { CatalogSearch({.pattern = pattern}, CatalogView{}); });
    }
}

}  // namespace
}  // namespace coffer
