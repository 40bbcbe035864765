#include "core/rpc/failure.h"

#include <gtest/gtest.h>
#include <omniORB4/CORBA.h>
#include <omniORB4/minorCode.h>

#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#include "core/base/threads.h"
#include "core/rpc/orb.h"
#include "idl/common.hh"
#include "tests/support/expect_error.h"

namespace coffer::rpc {
namespace {

using std::chrono::milliseconds;

template <class Exception>
Coffer::Failed failedFrom(const Exception& exception) {
    try {
        serve("test", [&] { throw exception; });
    } catch (const Coffer::Failed& failed) {
        return failed;
    }
    ADD_FAILURE() << "nothing was thrown";
    return {};
}

template <class Exception>
Error errorFrom(const Exception& exception) {
    const auto error = errorOf([&] { call("doing", [&] { throw exception; }); });
    if (!error) ADD_FAILURE() << "nothing was thrown";
    return error.value_or(Error(ErrorCode::internal, ""));
}

TEST(Failure, ErrorsCrossWithCodeTrailAndPause) {
    const Error error = Error(ErrorCode::busy, "taken").within("open b").withRetryAfter(250);
    const Coffer::Failed failed = failedFrom(error);
    EXPECT_STREQ(failed.code, "busy");
    EXPECT_STREQ(failed.message, "open b: taken");
    EXPECT_EQ(failed.retryAfterMs, 250U);
    const Error back = errorFrom(failed);
    EXPECT_EQ(back.code(), ErrorCode::busy);
    EXPECT_STREQ(back.what(), "doing: open b: taken");
    EXPECT_EQ(back.retryAfter(), 250U);
}

TEST(Failure, EveryCodeComesBack) {
    for (int code = 0; code <= static_cast<int>(ErrorCode::gone); ++code) {
        const auto each = static_cast<ErrorCode>(code);
        EXPECT_EQ(errorFrom(failedFrom(Error(each, "x"))).code(), each) << nameOf(each);
    }
}

TEST(Failure, AnUnknownCodeIsInternal) {
    Coffer::Failed failed;
    failed.code = "out-of-cheese";
    failed.message = "text";
    EXPECT_EQ(errorFrom(failed).code(), ErrorCode::internal);
}

TEST(Failure, ResultsPass) {
    EXPECT_EQ(serve("test", [] { return 3; }), 3);
    EXPECT_EQ(call("test", [] { return 4; }), 4);
}

TEST(Failure, MessagesAreFitForAString) {
    const std::string text = "a\x01\xff\\x";
    const Coffer::Failed failed = failedFrom(Error(ErrorCode::notFound, text));
    EXPECT_STREQ(failed.message, "a\\x01\\xff\\x");
    // However many computers it passes through.
    EXPECT_STREQ(failedFrom(failed).message, failed.message);

    std::string endless;
    while (endless.size() < 100'000) endless += "ä";
    const std::string cut(failedFrom(Error(ErrorCode::notFound, endless)).message);
    EXPECT_LT(cut.size(), 9'000U);
    EXPECT_TRUE(cut.ends_with("ä…")) << cut.substr(cut.size() - 8);
}

TEST(Failure, ForeignExceptionsAreInternal) {
    EXPECT_STREQ(failedFrom(std::runtime_error("surprise")).code, "internal");
    EXPECT_STREQ(failedFrom(42).code, "internal");
    EXPECT_EQ(errorFrom(std::bad_alloc()).code(), ErrorCode::internal);
}

TEST(Failure, SystemExceptionsHaveTheirCodes) {
    const auto no = CORBA::COMPLETED_NO;
    const auto code = [](const auto& exception) { return errorFrom(exception).code(); };
    EXPECT_EQ(code(CORBA::COMM_FAILURE(0, no)), ErrorCode::unavailable);
    EXPECT_EQ(code(CORBA::TRANSIENT(0, no)), ErrorCode::unavailable);
    EXPECT_EQ(code(CORBA::TIMEOUT(0, no)), ErrorCode::unavailable);
    EXPECT_EQ(code(CORBA::NO_RESOURCES(0, no)), ErrorCode::unavailable);
    EXPECT_EQ(code(CORBA::OBJECT_NOT_EXIST(0, no)), ErrorCode::gone);
    EXPECT_EQ(code(CORBA::NO_PERMISSION(0, no)), ErrorCode::permissionDenied);
    EXPECT_EQ(code(CORBA::BAD_OPERATION(0, no)), ErrorCode::unsupported);
    EXPECT_EQ(code(CORBA::MARSHAL(0, no)), ErrorCode::internal);
    EXPECT_EQ(code(CORBA::MARSHAL(omni::MARSHAL_MessageSizeExceedLimitOnServer, no)),
              ErrorCode::limitExceeded);
    EXPECT_EQ(code(CORBA::BAD_INV_ORDER(omni::BAD_INV_ORDER_ORBHasShutdown, no)),
              ErrorCode::cancelled);
    EXPECT_EQ(code(CORBA::BAD_INV_ORDER(0, no)), ErrorCode::internal);
    const std::string what = errorFrom(CORBA::TRANSIENT(0, no)).what();
    EXPECT_NE(what.find("TRANSIENT"), std::string::npos) << what;
    // A servant that meets one on its own calls.
    EXPECT_STREQ(failedFrom(CORBA::COMM_FAILURE(0, no)).code, "unavailable");
}

// Without pauses.
constexpr RetryPolicy eager{milliseconds(0), milliseconds(0), milliseconds(600'000)};

TEST(Repeat, GoesOnWhileThePeerCannotBeReached) {
    const CancelToken cancel;
    int tries = 0;
    std::vector<ErrorCode> waited;
    repeat(
        eager, cancel,
        [&] {
            ++tries;
            if (tries == 1) throw Error(ErrorCode::unavailable, "down");
            if (tries == 2) throw Error(ErrorCode::busy, "later").withRetryAfter(1);
        },
        [&](const Error& error) { waited.push_back(error.code()); });
    EXPECT_EQ(tries, 3);
    EXPECT_EQ(waited, (std::vector{ErrorCode::unavailable, ErrorCode::busy}));
}

TEST(Repeat, OtherErrorsPassAtOnce) {
    const CancelToken cancel;
    for (const ErrorCode code : {ErrorCode::busy, ErrorCode::gone, ErrorCode::notFound}) {
        int tries = 0;
        expectError(code, [&] {
            repeat(eager, cancel, [&] {
                ++tries;
                throw Error(code, "no");
            });
        });
        EXPECT_EQ(tries, 1);
    }
}

TEST(Repeat, PatienceHasAnEnd) {
    const CancelToken cancel;
    int tries = 0;
    expectError(ErrorCode::unavailable, [&] {
        repeat({milliseconds(0), milliseconds(0), milliseconds(0)}, cancel, [&] {
            ++tries;
            throw Error(ErrorCode::unavailable, "down");
        });
    });
    EXPECT_EQ(tries, 1);
}

TEST(Repeat, AStopEndsThePause) {
    CancelToken cancel;
    const RetryPolicy patient{milliseconds(3'600'000), milliseconds(3'600'000),
                              milliseconds(7'200'000)};
    const auto fail = [] { throw Error(ErrorCode::unavailable, "down"); };
    expectError(ErrorCode::cancelled,
                [&] { repeat(patient, cancel, fail, [&](const Error&) { cancel.request(); }); });
    expectError(ErrorCode::cancelled, [&] { pause(milliseconds(3'600'000), cancel); });
}

TEST(Repeat, ACallThatIsAskedToComeBackWaitsThatLong) {
    CancelToken cancel;
    // Without heed to what is asked for, this would spin and call `waiting` again.
    int waits = 0;
    expectError(ErrorCode::cancelled, [&] {
        repeat(
            eager, cancel, [] { throw Error(ErrorCode::busy, "later").withRetryAfter(3'600'000); },
            [&](const Error&) {
                ++waits;
                cancel.request();
            });
    });
    EXPECT_EQ(waits, 1);
}

// omniORB refuses it from a thread that it does not know.
TEST(Deadline, CanBeSetOnAnyThread) {
    const Orb orb({.role = OrbRole::embedded});
    setDeadline(milliseconds(1'000));
    setDeadline({});
    ThreadScope threads;
    threads.start([] {
        setDeadline(milliseconds(1'000));
        setDeadline(milliseconds(1LL << 40));
    });
    threads.join();
}

}  // namespace
}  // namespace coffer::rpc
