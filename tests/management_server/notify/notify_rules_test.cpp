#include "management_server/notify/notify_rules.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"

namespace coffer {
namespace {

TEST(NotifyRules, AreATable) {
    using enum ChannelKind;
    struct Row {
        const char* kind;
        std::map<std::string, std::string> more;
        const char* byMail;  // severity, or nothing
        const char* otherwise;
    };
    for (const Row& row : std::vector<Row>{
             {"source-failing", {}, "error", "error"},
             {"source-unprotected", {}, "error", "error"},
             {"source-late", {}, "warning", "warning"},
             {"source-recovered", {}, "notice", "notice"},
             {"source-unproven", {}, "", "notice"},
             {"pack-damaged", {}, "critical", "critical"},
             {"run-ended", {{"kind", "backup"}, {"state", "failed"}}, "", "error"},
             {"run-ended", {{"kind", "verify"}, {"state", "failed"}}, "error", "error"},
             {"run-ended", {{"kind", "restore"}, {"state", "warnings"}}, "", "warning"},
             {"run-ended", {{"kind", "backup"}, {"state", "succeeded"}}, "", "info"},
             {"run-ended", {}, "", "info"},
             {"notification-dropped", {}, "", "error"},
             {"agent-attached", {}, "", "info"},
             {"agent-revoked", {}, "", "warning"},
             {"kit-exported", {}, "warning", "warning"},
             {"of a later version", {}, "", "info"},
         }) {
        SCOPED_TRACE(row.kind);
        const RecordedEvent event{.kind = row.kind, .more = row.more};
        const auto said = [&](ChannelKind channel) {
            const auto severity = severityFor(channel, event);
            return severity ? std::string(nameOf(*severity)) : std::string();
        };
        EXPECT_EQ(said(mail), row.byMail);
        EXPECT_EQ(said(webhook), row.otherwise);
        EXPECT_EQ(said(syslog), row.otherwise);
    }
}

TEST(NotifyRules, MailOfTasksIsAboutTheEndsOfTheirRuns) {
    const auto told = [](const char* kind, const std::map<std::string, std::string>& more) {
        return severityFor(ChannelKind::taskMail, {.kind = kind, .more = more}).has_value();
    };
    EXPECT_TRUE(
        told("run-ended", {{"kind", "backup"}, {"state", "succeeded"}, {"task", "office"}}));
    EXPECT_TRUE(told("run-ended", {{"kind", "backup"}, {"state", "failed"}, {"task", "office"}}));
    EXPECT_FALSE(told("run-ended", {{"kind", "backup"}, {"state", "failed"}}));
    EXPECT_FALSE(told("run-started", {{"task", "office"}}));
    EXPECT_FALSE(told("source-failing", {{"task", "office"}}));
}

TEST(NotifyRules, SeveritiesHaveNamesAndAnOrder) {
    EXPECT_LT(Severity::info, Severity::critical);
    EXPECT_EQ(severityOf("warning"), Severity::warning);
    expectError(ErrorCode::invalidArgument, [] { severityOf("loud"); });
}

}  // namespace
}  // namespace coffer
