#include "management_server/notify/channel_queue.h"

#include <gtest/gtest.h>

#include "management_server/notify/notify_state.h"
#include "tests/support/expect_error.h"
#include "tests/support/scratch_folder.h"

namespace coffer {
namespace {

class FakeChannel : public Channel {
  public:
    std::string name() const override { return "fake"; }
    ChannelKind kind() const override { return kind_; }
    Severity least() const override { return least_; }
    std::size_t batch() const override { return batch_; }
    void send(std::span<const Notification> news) override {
        ++attempts;
        if (failures > 0) {
            --failures;
            throw Error(failure, "down");
        }
        for (const Notification& each : news) sent += each.event.text + " ";
        sent += "| ";
    }
    void stop() noexcept override {}

    ChannelKind kind_ = ChannelKind::webhook;
    Severity least_ = Severity::info;
    std::size_t batch_ = 1;
    int failures = 0;
    ErrorCode failure = ErrorCode::unavailable;
    int attempts = 0;
    std::string sent;
};

class ChannelQueueTest : public testing::Test {
  protected:
    ChannelQueue queue() {
        return {database, events, clock, channel, {.giveUpSeconds = 100, .longestPause = 5}};
    }
    void add(const char* text, const char* kind = "source-late") { events.add(kind, "", text); }

    ScratchFolder folder;
    ManualClock clock;
    ServerDatabase database{folder / "server.db"};
    EventRecorder events{database, clock};
    FakeChannel channel;
};

TEST_F(ChannelQueueTest, SendsWhatHappensFromNowOn) {
    add("before");
    ChannelQueue first = queue();
    EXPECT_FALSE(first.work());
    add("a");
    add("b");
    EXPECT_FALSE(first.work());
    EXPECT_EQ(channel.sent, "a | b | ");
    // Another server goes on where this one was.
    add("c");
    ChannelQueue second = queue();
    EXPECT_FALSE(second.work());
    EXPECT_EQ(channel.sent, "a | b | c | ");
}

TEST_F(ChannelQueueTest, SendsByRuleAndInBatches) {
    channel.kind_ = ChannelKind::mail;
    channel.batch_ = 2;
    ChannelQueue mail = queue();
    add("a");
    add("not for mail", "agent-attached");
    add("b");
    add("c");
    EXPECT_FALSE(mail.work());
    EXPECT_EQ(channel.sent, "a b | c | ");
    EXPECT_EQ(mail.position(), events.newest());
}

TEST_F(ChannelQueueTest, LeavesOutWhatMattersLess) {
    channel.least_ = Severity::error;
    ChannelQueue few = queue();
    add("a");
    add("b", "pack-damaged");
    EXPECT_FALSE(few.work());
    EXPECT_EQ(channel.sent, "b | ");
}

TEST_F(ChannelQueueTest, TriesAgainWithGrowingPauses) {
    ChannelQueue waiting = queue();
    add("a");
    channel.failures = 5;
    EXPECT_EQ(waiting.work(), std::chrono::seconds(1));
    EXPECT_EQ(waiting.work(), std::chrono::seconds(2));
    EXPECT_EQ(waiting.work(), std::chrono::seconds(4));
    EXPECT_EQ(waiting.work(), std::chrono::seconds(5));
    // A restart in between loses nothing.
    ChannelQueue next = queue();
    EXPECT_EQ(next.work(), std::chrono::seconds(1));
    EXPECT_FALSE(next.work());
    EXPECT_EQ(channel.sent, "a | ");
}

TEST_F(ChannelQueueTest, GivesUpInTheEndAndSaysSo) {
    ChannelQueue down = queue();
    add("a");
    channel.failures = 1'000;
    clock.advance(101);
    EXPECT_TRUE(down.work());
    EXPECT_TRUE(down.work());
    add("young");
    EXPECT_TRUE(down.work());  // drops the first and fails with the next
    const auto all = events.since(0, 100);
    EXPECT_EQ(all.back().kind, "notification-dropped");
    EXPECT_EQ(all.back().more.at("channel"), "fake");
    channel.failures = 0;
    EXPECT_FALSE(down.work());
    // Not about itself.
    EXPECT_EQ(channel.sent, "young | ");
}

TEST_F(ChannelQueueTest, MailOfATaskThatIsRefusedKeepsNoOtherWaiting) {
    channel.kind_ = ChannelKind::taskMail;
    ChannelQueue mail = queue();
    const auto end = [&](const char* text) {
        events.add("run-ended", "1", text, {{"state", "failed"}, {"task", "office"}});
    };
    end("refused");
    end("good");
    channel.failures = 1;
    channel.failure = ErrorCode::permissionDenied;
    EXPECT_FALSE(mail.work());
    EXPECT_EQ(channel.sent, "good | ");
    EXPECT_EQ(events.since(0, 100).back().kind, "notification-dropped");
    // Of any other channel it may be a mistake in its settings.
    channel.kind_ = ChannelKind::mail;
    ChannelQueue other = queue();
    events.add("source-late", "", "a");
    channel.failures = 1;
    EXPECT_TRUE(other.work());
}

TEST_F(ChannelQueueTest, SaysWhenEventsAreGoneThatItHasNotSent) {
    EXPECT_EQ(queue().position(), 0U);
    add("a");
    add("b");
    add("c");
    database.change([](SqlDatabase& db) { db.execute("DELETE FROM events WHERE number<3"); });
    EventRecorder later(database, clock);
    ChannelQueue late(database, later, clock, channel, {});
    EXPECT_FALSE(late.work());
    EXPECT_EQ(channel.sent, "c | ");
    EXPECT_EQ(later.since(0, 100).back().kind, "notification-dropped");
}

TEST_F(ChannelQueueTest, BeginsAnewBehindADatabaseThatWasSetBack) {
    writeNotifyState(database, "fake", 1'000'000);
    ChannelQueue back = queue();
    EXPECT_EQ(back.position(), events.newest());
    add("a");
    EXPECT_FALSE(back.work());
    EXPECT_EQ(channel.sent, "a | ");
}

}  // namespace
}  // namespace coffer
