#include "core/rpc/leases.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>

#include "core/rpc/orb.h"
#include "core/rpc/paging_iterator.h"
#include "tests/support/expect_error.h"

namespace coffer::rpc {
namespace {

constexpr std::int64_t leaseSeconds = 300;

class LeaseTest : public testing::Test {
  protected:
    /// An iterator that never ends; the servant is gone when `alive` is.
    struct Kept {
        Coffer::EntryIterator_var reference;
        std::weak_ptr<int> alive;
        Lease lease;

        ErrorCode next() const {
            Coffer::Entries_var page;
            const auto error =
                errorOf([&] { call("next", [&] { reference->next(1, page.out()); }); });
            return error ? error->code() : ErrorCode::invalidArgument;  // meaning: fine
        }
        bool works() const { return next() == ErrorCode::invalidArgument; }
    };

    Kept keep(
        const std::string& owner, std::function<void()> whileMade = [] {},
        const LeaseWork& work = {}) {
        Kept kept;
        auto alive = std::make_shared<int>();
        kept.alive = alive;
        const auto make = [&](const Lease& lease) {
            whileMade();
            kept.lease = lease;
            return new EntryPages(lease, [alive](unsigned, Coffer::Entries&) { return true; });
        };
        const CORBA::Object_var object = keeper->keep(owner, make, work);
        alive.reset();
        kept.reference = Coffer::EntryIterator::_narrow(object);
        return kept;
    }

    Orb orb{OrbSettings{.role = OrbRole::embedded}};
    PortableServer::POA_var poa = orb.poa("leases");
    ManualClock clock;
    std::optional<LeaseKeeper> keeper{std::in_place, poa, clock, LeaseLimits{leaseSeconds, 5, 3}};
};

TEST_F(LeaseTest, LastsWhileItIsUsed) {
    const Kept kept = keep("a");
    for (int i = 0; i < 5; ++i) {
        clock.advance(leaseSeconds - 1);
        EXPECT_TRUE(kept.works());
    }
    EXPECT_EQ(keeper->expire(), 0U);
    clock.advance(leaseSeconds);
    EXPECT_EQ(kept.next(), ErrorCode::gone);
    EXPECT_EQ(kept.next(), ErrorCode::gone);
    EXPECT_TRUE(kept.alive.expired());
    EXPECT_EQ(keeper->count(), 0U);
}

TEST_F(LeaseTest, ExpireEndsWhatIsOverdue) {
    const Kept old = keep("a");
    clock.advance(200);
    const Kept young = keep("a");
    clock.advance(100);
    EXPECT_EQ(keeper->expire(), 1U);
    EXPECT_TRUE(old.alive.expired());
    EXPECT_EQ(old.next(), ErrorCode::gone);
    EXPECT_TRUE(young.works());
    EXPECT_EQ(keeper->expire(), 0U);
    clock.advance(leaseSeconds);
    EXPECT_EQ(keeper->expire(), 1U);
}

TEST_F(LeaseTest, AUseThatTakesLongKeepsIt) {
    const Kept kept = keep("a");
    {
        const auto use = kept.lease.use();
        clock.advance(10 * leaseSeconds);
        EXPECT_EQ(keeper->expire(), 0U);
        const auto second = kept.lease.use();
    }
    clock.advance(leaseSeconds - 1);
    EXPECT_EQ(keeper->expire(), 0U);
    EXPECT_TRUE(kept.works());
}

TEST_F(LeaseTest, ALaterAttemptTakesThePlaceOfThoseBefore) {
    const auto attempt = [&](const char* owner, std::int64_t work, std::uint32_t number) {
        return keep(owner, [] {}, {work, number});
    };
    const Kept other = attempt("a", 8, 1);
    const Kept foreign = attempt("b", 7, 1);
    const Kept first = attempt("a", 7, 1);
    const Kept again = attempt("a", 7, 1);
    EXPECT_TRUE(first.works());
    const Kept second = attempt("a", 7, 2);
    EXPECT_TRUE(first.alive.expired());
    EXPECT_TRUE(again.alive.expired());
    EXPECT_EQ(first.next(), ErrorCode::gone);
    for (const Kept* kept : {&other, &foreign, &second}) EXPECT_TRUE(kept->works());
    expectError(
        ErrorCode::gone, [&] { attempt("a", 7, 1); }, "later attempt");
    EXPECT_TRUE(second.works());
    EXPECT_EQ(keeper->count(), 3U);
}

TEST_F(LeaseTest, ATouchIsAUse) {
    const Kept kept = keep("a");
    clock.advance(leaseSeconds - 1);
    kept.lease.touch();
    clock.advance(leaseSeconds - 1);
    EXPECT_EQ(keeper->expire(), 0U);
    clock.advance(1);
    expectError(ErrorCode::gone, [&] { kept.lease.touch(); });
}

TEST_F(LeaseTest, AClockThatIsSetBackMakesNoLeaseLonger) {
    const Kept kept = keep("a");
    clock.advance(-1'000'000);
    EXPECT_EQ(keeper->expire(), 0U);
    EXPECT_TRUE(kept.works());
    clock.advance(leaseSeconds);
    EXPECT_EQ(keeper->expire(), 1U);
}

TEST_F(LeaseTest, CloseEndsIt) {
    const Kept kept = keep("a");
    kept.reference->close();
    EXPECT_TRUE(kept.alive.expired());
    EXPECT_EQ(kept.next(), ErrorCode::gone);
    EXPECT_EQ(keeper->count(), 0U);
    kept.lease.drop();  // nothing happens
}

TEST_F(LeaseTest, LimitsAreKeptForEachOwnerAndForAll) {
    const Kept first = keep("a");
    keep("a");
    keep("a");
    const auto ofOwner = errorOf([&] { keep("a"); });
    ASSERT_TRUE(ofOwner);
    EXPECT_EQ(ofOwner->code(), ErrorCode::limitExceeded);
    EXPECT_GT(ofOwner->retryAfter(), 0U);
    keep("b");
    keep("c");
    const auto ofAll = errorOf([&] { keep("d"); });
    ASSERT_TRUE(ofAll);
    EXPECT_EQ(ofAll->code(), ErrorCode::limitExceeded);
    EXPECT_GT(ofAll->retryAfter(), 0U);
    EXPECT_EQ(keeper->count(), 5U);
    first.lease.drop();
    EXPECT_TRUE(keep("a").works());
    clock.advance(leaseSeconds);  // makes room
    keep("d");
    EXPECT_EQ(keeper->count(), 1U);
}

TEST_F(LeaseTest, AnOwnersGoTogether) {
    const Kept a = keep("a");
    const Kept other = keep("b");
    keep("a");
    EXPECT_EQ(keeper->dropOwner("a"), 2U);
    EXPECT_EQ(a.next(), ErrorCode::gone);
    EXPECT_TRUE(a.alive.expired());
    EXPECT_TRUE(other.works());
    EXPECT_EQ(keeper->dropOwner("a"), 0U);
    EXPECT_EQ(keeper->count(), 1U);
}

TEST_F(LeaseTest, WhatFailsToBeMadeTakesNoRoom) {
    expectError(ErrorCode::notFound,
                [&] { keep("a", [] { throw Error(ErrorCode::notFound, "no"); }); });
    EXPECT_EQ(keeper->count(), 0U);
    for (int i = 0; i < 3; ++i) keep("a");
}

TEST_F(LeaseTest, AnOwnerThatGoesWhileItIsMadeLeavesNothing) {
    std::weak_ptr<int> alive;
    expectError(ErrorCode::gone, [&] { keep("a", [&] { keeper->dropOwner("a"); }); });
    EXPECT_EQ(keeper->count(), 0U);
}

TEST_F(LeaseTest, TheKeepersEndIsTheirs) {
    const Kept kept = keep("a");
    keeper.reset();
    EXPECT_TRUE(kept.alive.expired());
    expectError(ErrorCode::gone, [&] { (void)kept.lease.use(); });
    kept.lease.drop();
    EXPECT_EQ(kept.next(), ErrorCode::gone);
}

TEST_F(LeaseTest, AServantCanEndItselfWithinACall) {
    const CORBA::Object_var object = keeper->keep("a", [](const Lease& lease) {
        return new EntryPages(lease, [](unsigned, Coffer::Entries& page) {
            page.length(1);
            return false;
        });
    });
    const Coffer::EntryIterator_var iterator = Coffer::EntryIterator::_narrow(object);
    Coffer::Entries_var page;
    EXPECT_FALSE(iterator->next(10, page.out()));
    EXPECT_EQ(page->length(), 1U);
    EXPECT_EQ(keeper->count(), 0U);
    expectError(ErrorCode::gone, [&] { call("next", [&] { iterator->next(1, page.out()); }); });
}

TEST(LeaseOfNothing, NeverEnds) {
    const Lease lease;
    const auto use = lease.use();
    lease.touch();
    lease.drop();
    const auto again = lease.use();
}

}  // namespace
}  // namespace coffer::rpc
