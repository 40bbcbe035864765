#include "management_server/tasks/source_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <list>

namespace coffer {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// "NAME key=value…" of each task; all are backups of laptop:/home unless they say otherwise.
class Book {
  public:
    explicit Book(std::initializer_list<std::pair<const char*, TaskSettings>> tasks) {
        for (const auto& [name, settings] : tasks) {
            TaskSettings its = settings;
            its.try_emplace("source", std::vector<std::string>{"laptop:/home"});
            made_.emplace_back(name, its);
            names_[name] = &made_.back();
        }
    }
    const TasksByName& names() const { return names_; }

  private:
    std::list<Task> made_;
    TasksByName names_;
};

std::vector<std::string> lowered(const Book& before, const Book& after) {
    std::vector<std::string> texts;
    for (const TaskSource& source : loweredSources(before.names(), after.names())) {
        texts.push_back(source.repository + " " + source.shown());
    }
    return texts;
}

TEST(SourceRules, AreThoseOfEachAgentOfATask) {
    const Book book{{"a",
                     {{"source", {"nas:/srv", "laptop:/home", "nas:/etc"}},
                      {"keep-daily", {"7"}},
                      {"enabled", {"no"}}}},
                    {"b", {{"source", {"nas:/etc"}}}}};
    const auto rules = rulesBySource(book.names());
    ASSERT_EQ(rules.size(), 2U);
    EXPECT_EQ(rules.at({"main", "laptop", {"/home"}}).daily, 7U);
    EXPECT_EQ(rules.at({"main", "nas", {"/etc", "/srv"}}).daily, 7U);
}

TEST(SourceRules, OfSeveralTasksWhatAnyKeepsStays) {
    const Book book{{"a", {{"keep-daily", {"7"}}}},
                    {"b", {{"keep-last", {"2"}}, {"keep-daily", {"3"}}}},
                    {"c", {}},
                    {"d", {{"repository", {"other"}}, {"keep-last", {"1"}}}}};
    const auto rules = rulesBySource(book.names());
    EXPECT_EQ(rules.at({"main", "laptop", {"/home"}}), (RetentionRules{.last = 2, .daily = 7}));
    EXPECT_EQ(rules.at({"other", "laptop", {"/home"}}), (RetentionRules{.last = 1}));
}

TEST(SourceRules, LoweredIsWhatMayLoseMore) {
    const Book none({});
    const Book week{{"a", {{"keep-daily", {"7"}}}}};
    const Book three{{"a", {{"keep-daily", {"3"}}}}};
    EXPECT_THAT(lowered(none, week), ElementsAre("main laptop:/home"));
    EXPECT_THAT(lowered(week, three), ElementsAre("main laptop:/home"));
    EXPECT_THAT(lowered(three, week), IsEmpty());
    EXPECT_THAT(lowered(week, none), IsEmpty());
    EXPECT_THAT(lowered(week, Book{{"a", {}}}), IsEmpty());
    // The rules of another source.
    EXPECT_THAT(lowered(week, Book{{"a", {{"keep-daily", {"7"}}, {"repository", {"other"}}}}}),
                ElementsAre("other laptop:/home"));
    EXPECT_THAT(
        lowered(week,
                Book{{"a", {{"keep-daily", {"7"}}, {"source", {"laptop:/home", "nas:/srv"}}}}}),
        ElementsAre("main nas:/srv"));
    // Another task that keeps less, and the loss of the one that kept more.
    const Book both{{"a", {{"keep-daily", {"7"}}}}, {"b", {{"keep-daily", {"3"}}}}};
    EXPECT_THAT(lowered(week, both), IsEmpty());
    EXPECT_THAT(lowered(both, Book{{"b", {{"keep-daily", {"3"}}}}}),
                ElementsAre("main laptop:/home"));
    EXPECT_THAT(lowered(both, week), IsEmpty());
}

TEST(SourceRules, SourcesAreShownInOneLine) {
    EXPECT_EQ((TaskSource{"main", "nas", {"/a\nb", "/c"}}.shown()), "nas:/a\\x0ab, /c");
    const TaskSource many{"main", "nas", std::vector<std::string>(1'000, "/0123456789")};
    EXPECT_LT(many.shown().size(), 300U);
    EXPECT_NE(many.shown().find("more"), std::string::npos);
}

}  // namespace
}  // namespace coffer
