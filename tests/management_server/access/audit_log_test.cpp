#include "management_server/access/audit_log.h"

#include "management_server/database/columns.h"
#include "tests/management_server/access/access_fixture.h"

namespace coffer {
namespace {

struct Audit : UsersFixture {
    std::string address = "192.0.2.7";
    AuditLog log{database, clock, [this] { return address; }};

    void fill(int count = 5) {
        for (int i = 1; i <= count; ++i) {
            clock.advance(1);
            log.add("ann", {"user-added", "user " + std::to_string(i), {{"a", "1"}}, {{"b", "2"}}});
        }
    }
    void change(const std::string& sql) {
        database.change([&](SqlDatabase& db) { db.execute(sql); });
    }
    void replace(std::uint64_t number, const AuditRecord& record) {
        database.change([&](SqlDatabase& db) {
            SqlStatement row = db.prepare("UPDATE audit SET record=? WHERE number=?");
            row.bind(1, encodeAudit(record)).bind(2, static_cast<std::int64_t>(number)).run();
        });
    }
    void expectBad(const std::string& text, const std::optional<AuditHead>& known = {}) {
        const AuditVerdict verdict = log.verify(known);
        ASSERT_TRUE(verdict.bad);
        EXPECT_NE(verdict.bad->find(text), std::string::npos) << *verdict.bad;
    }
};

TEST_F(Audit, KeepsWhoWhenFromWhereAndWhat) {
    fill(1);
    const AuditRecord record = log.after(0, 10).at(0);
    EXPECT_EQ(record.number, 1U);
    EXPECT_EQ(record.time, clock.now());
    EXPECT_EQ(record.user, "ann");
    EXPECT_EQ(record.address, "192.0.2.7");
    EXPECT_EQ(record.change.action, "user-added");
    EXPECT_EQ(record.change.subject, "user 1");
    EXPECT_EQ(record.change.before, (AuditFacts{{"a", "1"}}));
    EXPECT_EQ(record.change.after, (AuditFacts{{"b", "2"}}));
}

TEST_F(Audit, BoundsWhatItIsTold) {
    AuditFacts facts{{std::string(2 << 20, 'n'), std::string(2 << 20, 'v')}};
    for (int i = 0; i < 1'000; ++i) facts.emplace("name " + std::to_string(i), "value");
    log.add("ann", {"agent-labelled", "laptop", {}, facts});
    EXPECT_LE(log.after(0, 10).at(0).change.after.size(), 100U);
    EXPECT_FALSE(log.verify().bad);
}

TEST_F(Audit, ComesPageByPage) {
    fill(5);
    EXPECT_EQ(log.after(0, 2).size(), 2U);
    EXPECT_EQ(log.after(2, 10).at(0).number, 3U);
    EXPECT_TRUE(log.after(5, 10).empty());
}

TEST_F(Audit, IsSoundAsItWasWritten) {
    EXPECT_FALSE(log.verify().bad);
    fill(2'100);  // more than a page
    const AuditVerdict verdict = log.verify(log.head());
    EXPECT_FALSE(verdict.bad) << *verdict.bad;
    EXPECT_EQ(verdict.head, log.head());
    EXPECT_EQ(verdict.head.number, 2'100U);
}

TEST_F(Audit, NoticesEveryFieldThatIsChanged) {
    fill();
    const AuditRecord good = log.after(2, 1).at(0);
    const auto with = [&](auto&& spoil) {
        AuditRecord bad = good;
        spoil(bad);
        replace(3, bad);
        expectBad("record 3 was changed");
    };
    with([](AuditRecord& r) { r.number = 4; });
    with([](AuditRecord& r) { r.time.seconds += 1; });
    with([](AuditRecord& r) { r.time.nanoseconds += 1; });
    with([](AuditRecord& r) { r.user = "bob"; });
    with([](AuditRecord& r) { r.address = ""; });
    with([](AuditRecord& r) { r.change.action = "user-removed"; });
    with([](AuditRecord& r) { r.change.subject = "user 4"; });
    with([](AuditRecord& r) { r.change.before.clear(); });
    with([](AuditRecord& r) { r.change.after["b"] = "3"; });
    // From one field to its neighbour.
    with([](AuditRecord& r) { std::swap(r.change.before, r.change.after); });
    replace(3, good);
    EXPECT_FALSE(log.verify().bad);
}

TEST_F(Audit, NoticesEveryOctetThatIsChanged) {
    fill(3);
    const Bytes good = encodeAudit(log.after(1, 1).at(0));
    for (std::size_t at = 0; at < good.size(); ++at) {
        Bytes bad = good;
        bad[at] ^= 1;
        database.change([&](SqlDatabase& db) {
            db.prepare("UPDATE audit SET record=? WHERE number=2").bind(1, bad).run();
        });
        expectBad("record 2 was changed");
    }
}

TEST_F(Audit, NoticesWhatWasRemoved) {
    fill();
    change("DELETE FROM audit WHERE number=3");
    expectBad("record 3 is missing");
    change("UPDATE audit SET number=number-1 WHERE number>3");
    expectBad("record 3 was changed");
}

TEST_F(Audit, NoticesTheFirstOneMissing) {
    fill();
    change("DELETE FROM audit WHERE number=1");
    expectBad("record 1 is missing");
}

TEST_F(Audit, NoticesWhatChangedPlaces) {
    fill();
    change("UPDATE audit SET number=-number WHERE number IN (2, 3)");
    change("UPDATE audit SET number=5+number WHERE number IN (-2, -3)");
    expectBad("record 2 was changed");
}

TEST_F(Audit, NoticesACutEndByTheHeadOfBefore) {
    fill();
    const AuditHead head = log.head();
    change("DELETE FROM audit WHERE number=5");
    EXPECT_FALSE(log.verify().bad);
    EXPECT_FALSE(log.holds(head));
    expectBad("up to 5 were cut off", head);
    // Filled up again with something else.
    log.add("bob", {"user-added", "mallory"});
    EXPECT_FALSE(log.holds(head));
    expectBad("record 5 is another one", head);
    EXPECT_TRUE(log.holds(log.head()));
    EXPECT_TRUE(log.holds({}));
}

TEST_F(Audit, HasAChangeBeforeItIsMade) {
    const int made = log.around("ann", {"user-added", "bob"}, [&] {
        EXPECT_EQ(log.head().number, 1U);
        return 7;
    });
    EXPECT_EQ(made, 7);
    EXPECT_EQ(log.head().number, 1U);
    expectError(ErrorCode::conflict, [&] {
        log.around("ann", {"user-added", "bob"},
                   [] { throw Error(ErrorCode::conflict, "there is one"); });
    });
    const AuditRecord failed = log.after(2, 1).at(0);
    EXPECT_EQ(failed.change.action, "user-added-failed");
    EXPECT_EQ(failed.change.after.at("message"), "there is one");
}

TEST_F(Audit, BoundsWhatItKeeps) {
    log.add("ann",
            {"user-added", std::string(100'000, 'x'), {}, {{"a", std::string(100'000, 'y')}}});
    EXPECT_LT(encodeAudit(log.after(0, 1).at(0)).size(), 10'000U);
    EXPECT_FALSE(log.verify().bad);
}

TEST(AuditForm, IsTheOnlyOne) {
    const AuditRecord record{7, {5, 6}, "ann", "a", {"x", "y", {{"a", "1"}, {"b", "2"}}, {}}};
    const Bytes good = encodeAudit(record);
    EXPECT_EQ(encodeAudit(decodeAudit(good)), good);
    for (std::size_t size = 0; size < good.size(); ++size) {
        expectError(ErrorCode::corrupt, [&] { decodeAudit(ByteView(good).first(size)); });
    }
    Bytes more = good;
    more.push_back(0);
    expectError(ErrorCode::corrupt, [&] { decodeAudit(more); });
}

}  // namespace
}  // namespace coffer
