#include "management_server/access/authentication.h"

#include <optional>

#include "core/base/error.h"
#include "core/service/log.h"

namespace coffer {

namespace {

constexpr std::size_t longestShown = 64;

}  // namespace

AttemptLimits addressLimits() {
    return {.freeFailures = 10, .atOnce = 16, .successForgives = false};
}

Authentication::Authentication(const UserTable& users, const Clock& clock)
    : users_(users), ofUsers_(clock, AttemptLimits{}), ofAddresses_(clock, addressLimits()) {}

User Authentication::check(const std::string& user, const std::string& password, Proof proof,
                           const std::string& address) {
    AttemptLimiter::Attempt ofAddress = ofAddresses_.admit(address);
    AttemptLimiter::Attempt ofUser =
        ofUsers_.admit((proof == Proof::certificate ? "known " : "new ") + user);
    const std::optional<User> found = users_.verify(user, password);
    if (!found) {
        ofUser.failed();
        if (!address.empty()) ofAddress.failed();
        log(LogLevel::warning, "login.refused",
            {{"user", user.substr(0, longestShown)}, {"address", address}});
        throw Error(ErrorCode::permissionDenied, "wrong user or password");
    }
    ofUser.succeeded();
    ofAddress.succeeded();
    return *found;
}

}  // namespace coffer
