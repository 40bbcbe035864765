#include "management_server/metrics/metrics_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coffer {
namespace {

using testing::HasSubstr;
using testing::Not;

RunRecord ended(const char* kind, RunState state, std::int64_t seconds, RunTexts counts = {}) {
    RunRecord run;
    run.kind = kind;
    run.stand.state = state;
    run.started = Timestamp{1'000, 0};
    run.ended = Timestamp{1'000 + seconds, 500'000'000};
    run.counts = std::move(counts);
    return run;
}

TEST(RunCounters, CountWhatHasEnded) {
    RunCounters counters;
    counters.add(ended("backup", RunState::succeeded, 10, {{"bytes", "100"}, {"new-bytes", "7"}}));
    counters.add(ended("backup", RunState::succeeded, 5, {{"bytes", "50"}, {"files", "3"}}));
    counters.add(ended("backup", RunState::failed, -5, {{"bytes", "-1"}}));
    counters.add(ended("verify", RunState::running, 5));
    counters.add(ended("prune", RunState::failed, 1, {{"bytes", "9999999999999999999"}}));
    const auto& backup = counters.byKind().at("backup");
    EXPECT_EQ(backup.ended.at("succeeded"), 2U);
    EXPECT_EQ(backup.ended.at("failed"), 1U);
    EXPECT_EQ(backup.timed, 2U);
    EXPECT_DOUBLE_EQ(backup.seconds, 16);
    EXPECT_DOUBLE_EQ(backup.octets.at("bytes"), 150);
    EXPECT_FALSE(backup.octets.contains("files"));
    EXPECT_FALSE(counters.byKind().contains("verify"));
    EXPECT_TRUE(counters.byKind().at("prune").octets.empty());
}

TEST(MetricsText, HasAllThatMattersToAMonitor) {
    MetricsState state;
    state.time = {2'000, 0};
    state.version = "1.2";
    state.agents = {{"attached", 3}};
    SourceStatus source;
    source.id = "0123456789abcdef";
    source.facts.name = {"laptop", "main", {"/a\"b"}};
    source.facts.lastSuccess = Timestamp{1'500, 0};
    source.facts.lastProven = Timestamp{1'000, 0};
    source.verdict.state = SourceState::late;
    source.component = "office/laptop";
    state.status.time = {1'900, 0};
    state.status.sources.push_back(source);
    state.runs[{"backup", "failed"}] = 4;
    state.counters.add(ended("backup", RunState::succeeded, 10, {{"bytes", "100"}}));
    state.repositories.push_back(
        {.name = "main", .snapshots = 2, .contentBytes = 1'000, .storedBytes = 250, .packs = 5});
    state.repositories.push_back({.name = "broken", .usable = false});
    state.repositories.push_back(
        {.name = "old", .removedUntil = Timestamp{5'000, 0}, .usable = false});
    const std::string text = metricsText(state);
    const std::string labels =
        "{id=\"0123456789abcdef\",agent=\"laptop\",repository=\"main\","
        "source=\"laptop:/a\\\"b\",component=\"office/laptop\"}";
    for (const std::string& line :
         {std::string("coffer_info{version=\"1.2\"} 1"),
          std::string("coffer_collected_timestamp_seconds 2000"),
          std::string("coffer_agents{state=\"attached\"} 3"),
          std::string("coffer_sources{state=\"late\"} 1"),
          std::string("coffer_sources{state=\"protected\"} 0"),
          "coffer_source_protected" + labels + " 0",
          "coffer_source_last_good_backup_timestamp_seconds" + labels + " 1500",
          "coffer_source_last_good_backup_age_seconds" + labels + " 400",
          "coffer_source_last_proven_timestamp_seconds" + labels + " 1000",
          std::string("coffer_runs{kind=\"backup\",state=\"failed\"} 4"),
          std::string("coffer_runs_ended_total{kind=\"backup\",state=\"succeeded\"} 1"),
          std::string("coffer_run_seconds_total{kind=\"backup\"} 10.5"),
          std::string("coffer_run_bytes_total{kind=\"backup\",what=\"bytes\"} 100"),
          std::string("coffer_repository_usable{repository=\"broken\"} 0"),
          std::string("coffer_repository_removed_until_timestamp_seconds{repository=\"old\"} 5000"),
          std::string("coffer_repository_stored_bytes{repository=\"main\"} 250"),
          std::string("coffer_repository_dedup_ratio{repository=\"main\"} 4"),
          std::string("coffer_dropped_samples 0")}) {
        EXPECT_THAT(text, HasSubstr("\n" + line + "\n"));
    }
    EXPECT_THAT(text, Not(HasSubstr("coffer_repository_packs{repository=\"broken\"}")));
    EXPECT_THAT(text, Not(HasSubstr("coffer_repository_usable{repository=\"old\"}")));
}

TEST(MetricsText, LeavesOutWhatNobodyKnows) {
    MetricsState state;
    state.status.sources.resize(1);
    const std::string text = metricsText(state);
    EXPECT_THAT(text, Not(HasSubstr("coffer_source_last_good_backup_age_seconds{")));
    EXPECT_THAT(text, HasSubstr("# TYPE coffer_source_last_good_backup_age_seconds gauge\n"));
}

}  // namespace
}  // namespace coffer
