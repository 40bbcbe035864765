#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace coffer {

/// What kind of thing went wrong; decides exit codes, retries and what a client may do about it.
enum class ErrorCode {
    invalidArgument,   // the caller asked for something that makes no sense
    notFound,          // no such path, object, snapshot
    alreadyExists,     // target exists or is not empty
    permissionDenied,  // the system or a right forbids it
    ioError,           // a device or file system failed
    noSpace,           // disk or quota full
    corrupt,           // bytes that do not parse or do not match their digest
    untrusted,         // a signature, seal or binding that does not hold
    wrongKey,          // the kit or key belongs to something else
    unsupported,       // a newer format, or a thing the source cannot do
    busy,              // somebody else holds it
    conflict,          // state changed under the caller; look again
    cancelled,         // asked to stop
    limitExceeded,     // a count or length over its documented bound
    internal,          // a defect in Coffer
    unavailable,       // cannot be reached now; may be later
    loginAgain,        // the session has ended
    gone               // the remote object is no more: its lease or its server ended
};

/// Stable lower-case word for a code, e.g. "not-found"; used in JSON and logs.
std::string_view nameOf(ErrorCode code);

/// Inverse of nameOf; `internal` for a word it does not know.
ErrorCode errorCodeOf(std::string_view name);

/// The one exception type of Coffer. Thrown by value; carries a trail of what was being done,
/// outermost first: "backup /home: read a.txt: I/O error".
class Error : public std::runtime_error {
  public:
    Error(ErrorCode code, const std::string& message);

    /// Error from errno-like `number`, choosing the code to match; message is "what: strerror".
    static Error fromErrno(int number, const std::string& what);

    ErrorCode code() const { return code_; }

    /// errno that caused it, or 0.
    int systemError() const { return systemError_; }

    /// The same call may succeed after so many milliseconds; 0 when it will not.
    std::uint32_t retryAfter() const { return retryAfter_; }
    Error withRetryAfter(std::uint32_t milliseconds) const;

    /// It is not about the entry that was being worked on: going on with the next one is no use
    /// (the store cannot be reached, the session is gone).
    bool endsRun() const { return endsRun_; }
    Error endingRun() const;

    /// Same error with "step: " put in front of the trail.
    Error within(std::string_view step) const;

  private:
    ErrorCode code_;
    int systemError_ = 0;
    std::uint32_t retryAfter_ = 0;
    bool endsRun_ = false;
};

/// Runs `work`; an Error leaving it gains `step` at the front of its trail.
template <class Work>
decltype(auto) during(std::string_view step, Work&& work) {
    try {
        return std::forward<Work>(work)();
    } catch (const Error& error) {
        throw error.within(step);
    }
}

}  // namespace coffer
