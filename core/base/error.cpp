#include "core/base/error.h"

#include <cerrno>
#include <cstring>

namespace coffer {

std::string_view nameOf(ErrorCode code) {
    switch (code) {
        case ErrorCode::invalidArgument:
            return "invalid-argument";
        case ErrorCode::notFound:
            return "not-found";
        case ErrorCode::alreadyExists:
            return "already-exists";
        case ErrorCode::permissionDenied:
            return "permission-denied";
        case ErrorCode::ioError:
            return "io-error";
        case ErrorCode::noSpace:
            return "no-space";
        case ErrorCode::corrupt:
            return "corrupt";
        case ErrorCode::untrusted:
            return "untrusted";
        case ErrorCode::wrongKey:
            return "wrong-key";
        case ErrorCode::unsupported:
            return "unsupported";
        case ErrorCode::busy:
            return "busy";
        case ErrorCode::conflict:
            return "conflict";
        case ErrorCode::cancelled:
            return "cancelled";
        case ErrorCode::limitExceeded:
            return "limit-exceeded";
        case ErrorCode::internal:
            return "internal";
        case ErrorCode::unavailable:
            return "unavailable";
        case ErrorCode::loginAgain:
            return "log-in-again";
        case ErrorCode::gone:
            return "gone";
    }
    return "internal";
}

ErrorCode errorCodeOf(std::string_view name) {
    for (int code = 0; code <= static_cast<int>(ErrorCode::gone); ++code) {
        if (nameOf(static_cast<ErrorCode>(code)) == name) return static_cast<ErrorCode>(code);
    }
    return ErrorCode::internal;
}

namespace {

ErrorCode codeOfErrno(int number) {
    switch (number) {
        case ENOENT:
        case ENOTDIR:
            return ErrorCode::notFound;
        case EEXIST:
        case ENOTEMPTY:
            return ErrorCode::alreadyExists;
        case EACCES:
        case EPERM:
        case EROFS:
            return ErrorCode::permissionDenied;
        case ENOSPC:
        case EDQUOT:
            return ErrorCode::noSpace;
        case EOPNOTSUPP:
        case ENOSYS:
            return ErrorCode::unsupported;
        case EINVAL:
        case ENAMETOOLONG:
            return ErrorCode::invalidArgument;
        case EBUSY:
        case EAGAIN:
            return ErrorCode::busy;
        default:
            return ErrorCode::ioError;
    }
}

}  // namespace

Error::Error(ErrorCode code, const std::string& message)
    : std::runtime_error(message), code_(code) {}

Error Error::fromErrno(int number, const std::string& what) {
    Error error(codeOfErrno(number), what + ": " + std::strerror(number));
    error.systemError_ = number;
    return error;
}

Error Error::within(std::string_view step) const {
    Error outer(code_, std::string(step) + ": " + what());
    outer.systemError_ = systemError_;
    outer.retryAfter_ = retryAfter_;
    outer.endsRun_ = endsRun_;
    return outer;
}

Error Error::withRetryAfter(std::uint32_t milliseconds) const {
    Error same(*this);
    same.retryAfter_ = milliseconds;
    return same;
}

Error Error::endingRun() const {
    Error same(*this);
    same.endsRun_ = true;
    return same;
}

}  // namespace coffer
