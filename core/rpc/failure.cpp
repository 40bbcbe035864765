#include "core/rpc/failure.h"

#include <omniORB4/CORBA.h>
#include <omniORB4/minorCode.h>

#include <algorithm>
#include <exception>
#include <limits>
#include <string>
#include <thread>

#include "core/base/printable.h"
#include "core/base/random.h"
#include "core/rpc/caller.h"
#include "core/rpc/tls_refusal.h"
#include "core/service/log.h"
#include "idl/common.hh"

namespace coffer::rpc {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t longestMessage = 8'192;
constexpr milliseconds lookAround{50};  // how late a stop is noticed

// What CORBA can carry as a string. A backslash stays one, so that a text does not change once more
// on every computer that it passes through.
std::string carriable(std::string_view text) {
    std::string result;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find('\\', begin), text.size());
        if (begin > 0) result += '\\';
        result += printable(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return result;
}

// At a boundary between characters of UTF-8.
std::string shortened(std::string text) {
    if (text.size() <= longestMessage) return text;
    std::size_t end = longestMessage;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    text.resize(end);
    return text + "…";
}

Coffer::Failed failedOf(ErrorCode code, std::string_view message, std::uint32_t retryAfter) {
    Coffer::Failed failed;
    failed.code = std::string(nameOf(code)).c_str();
    failed.message = shortened(carriable(message)).c_str();
    failed.retryAfterMs = retryAfter;
    return failed;
}

Error errorOf(const Coffer::Failed& failed) {
    const Error error(errorCodeOf(std::string_view(failed.code)),
                      shortened(std::string(failed.message)));
    return error.withRetryAfter(failed.retryAfterMs);
}

// A call that was given up because of its deadline, on either side of the ORB's history.
bool isTimeout(const CORBA::SystemException& exception) {
    return CORBA::TIMEOUT::_downcast(&exception) != nullptr ||
           exception.minor() == omni::TRANSIENT_CallTimedout;
}

template <class... Exceptions>
bool isAny(const CORBA::SystemException& exception) {
    return ((Exceptions::_downcast(&exception) != nullptr) || ...);
}

bool isTooLarge(const CORBA::SystemException& exception) {
    return CORBA::MARSHAL::_downcast(&exception) != nullptr &&
           (exception.minor() == omni::MARSHAL_MessageSizeExceedLimitOnServer ||
            exception.minor() == omni::MARSHAL_MessageSizeExceedLimitOnClient);
}

std::string detailsOf(const CORBA::SystemException& exception) {
    const char* minor = exception.NP_minorString();
    std::string text = std::string(" (") + exception._name() + ", ";
    text += minor ? std::string(minor) : "minor code " + std::to_string(exception.minor());
    return text + ")";
}

Error errorOf(const CORBA::SystemException& exception) {
    const auto error = [&](ErrorCode code, const char* what) {
        return Error(code, what + detailsOf(exception));
    };
    using namespace CORBA;
    if (isTimeout(exception)) {
        return error(ErrorCode::unavailable, "the other side does not answer");
    }
    if (isAny<COMM_FAILURE, TRANSIENT>(exception)) {
        if (const auto refusal = lastRefusal()) return *refusal;
        return error(ErrorCode::unavailable, "the other side cannot be reached");
    }
    if (isAny<NO_RESOURCES, NO_MEMORY, IMP_LIMIT>(exception)) {
        return error(ErrorCode::unavailable, "the other side has no room for the call now");
    }
    if (isAny<OBJECT_NOT_EXIST>(exception)) {
        return error(ErrorCode::gone, "the object on the other side is no more");
    }
    if (isAny<NO_PERMISSION>(exception)) {
        return error(ErrorCode::permissionDenied, "the other side does not allow it");
    }
    if (isAny<BAD_OPERATION, NO_IMPLEMENT>(exception)) {
        return error(ErrorCode::unsupported, "the other side does not know this operation");
    }
    if (isTooLarge(exception)) return error(ErrorCode::limitExceeded, "the message is too large");
    if (exception.minor() == omni::BAD_INV_ORDER_ORBHasShutdown &&
        isAny<BAD_INV_ORDER>(exception)) {
        return error(ErrorCode::cancelled, "this program is stopping");
    }
    return error(ErrorCode::internal, "the call failed");
}

/// The exception being handled. `foreign` says that it is no Error and no word of CORBA's.
Error caught(bool& foreign) {
    foreign = false;
    try {
        throw;
    } catch (const Error& error) {
        return error;
    } catch (const Coffer::Failed& failed) {
        return errorOf(failed);
    } catch (const CORBA::SystemException& exception) {
        return errorOf(exception);
    } catch (const CORBA::Exception& exception) {
        return {ErrorCode::internal, std::string("unexpected exception ") + exception._name()};
    } catch (const std::exception& exception) {
        foreign = true;
        return {ErrorCode::internal, std::string("internal error: ") + exception.what()};
    } catch (...) {
        foreign = true;
        return {ErrorCode::internal, "internal error: an exception of an unknown type"};
    }
}

/// The caller did what nobody may, or what it may not: no accident, and no matter of waiting.
bool isRefusal(const Error& error) {
    switch (error.code()) {
        case ErrorCode::permissionDenied:
        case ErrorCode::untrusted:
        case ErrorCode::invalidArgument:
        case ErrorCode::limitExceeded:
            return error.retryAfter() == 0;
        default:
            return false;
    }
}

void logRefusal(const char* operation, const Error& error) {
    const Caller caller = currentCaller();
    log(LogLevel::info, "rpc.refused",
        {{"operation", operation},
         {"code", std::string(nameOf(error.code()))},
         {"message", error.what()},
         {"caller", caller.peer ? caller.peer->name : ""},
         {"address", caller.address}});
}

bool mayPass(const Error& error) {
    return error.code() == ErrorCode::unavailable || error.retryAfter() > 0;
}

void pauseUntil(steady_clock::time_point end, const CancelToken& cancel) {
    for (;;) {
        cancel.check();
        const auto rest = end - steady_clock::now();
        if (rest <= rest.zero()) return;
        std::this_thread::sleep_for(std::min<steady_clock::duration>(rest, lookAround));
    }
}

// Between half of it and all: those who lost the same server do not come back all at once.
milliseconds spread(milliseconds length) {
    std::uint8_t octet[1];
    fillRandom(octet);
    return length / 2 + length * octet[0] / 510;
}

}  // namespace

void throwFailed(const char* operation) {
    bool foreign = false;
    const Error error = caught(foreign);
    if (foreign || error.code() == ErrorCode::internal) {
        log(LogLevel::error, "rpc.defect", {{"operation", operation}, {"message", error.what()}});
    } else if (isRefusal(error)) {
        logRefusal(operation, error);
    }
    throw failedOf(error.code(), error.what(), error.retryAfter());
}

void throwError() {
    bool foreign = false;
    throw caught(foreign);
}

void repeat(const RetryPolicy& policy, const CancelToken& cancel, const std::function<void()>& work,
            const std::function<void(const Error&)>& waiting) {
    milliseconds next = policy.first;
    steady_clock::time_point end = steady_clock::time_point::max();
    for (;;) {
        try {
            return work();
        } catch (const Error& error) {
            if (!mayPass(error)) throw;
            const auto now = steady_clock::now();
            if (end == end.max()) end = now + policy.patience;
            if (now >= end) throw;
            if (waiting) waiting(error);
            const milliseconds rest = std::max(spread(next), milliseconds(error.retryAfter()));
            pauseUntil(std::min(now + rest, end), cancel);
            next = std::min(next * 2, policy.longest);
        }
    }
}

void pause(milliseconds length, const CancelToken& cancel) {
    pauseUntil(steady_clock::now() + length, cancel);
}

void setDeadline(std::chrono::milliseconds deadline) {
    // The ORB keeps the deadline with its own notion of a thread, which one that it did not start
    // lacks; this one lasts as long as the thread.
    thread_local const omni_thread::ensure_self self;
    using Number = std::numeric_limits<CORBA::ULong>;
    const auto count = std::clamp<std::int64_t>(deadline.count(), 0, Number::max());
    omniORB::setClientThreadCallTimeout(static_cast<CORBA::ULong>(count));
}

}  // namespace coffer::rpc
