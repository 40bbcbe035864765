#include "management_server/access/authentication.h"

#include <optional>
#include <utility>

#include "core/base/error.h"
#include "core/service/log.h"

namespace coffer {

namespace {

constexpr std::size_t longestShown = 64;

AttemptLimits userLimits(const LoginLimits& limits) {
    return {.firstMs = limits.firstDelaySeconds * 1'000,
            .longestMs = limits.longestDelaySeconds * 1'000};
}

[[noreturn]] void refuse(const std::string& user, const std::string& address) {
    log(LogLevel::warning, "login.refused",
        {{"user", user.substr(0, longestShown)}, {"address", address}});
    throw Error(ErrorCode::permissionDenied, "wrong user or password");
}

}  // namespace

AttemptLimits addressLimits(const LoginLimits& limits) {
    return {.freeFailures = limits.freeOfAddress,
            .firstMs = limits.firstDelaySeconds * 1'000,
            .longestMs = limits.longestDelaySeconds * 1'000,
            .atOnce = 16,
            .successForgives = false};
}

Authentication::Authentication(const UserTable& users, ApiTokens& tokens, SecondFactors& factors,
                               const Clock& clock, const LoginLimits& limits, const SecretKey& salt)
    : users_(users),
      tokens_(tokens),
      factors_(factors),
      ofUsers_(clock, userLimits(limits), salt),
      ofAddresses_(clock, addressLimits(limits), salt) {}

void Authentication::setLimits(const LoginLimits& limits) {
    const AttemptLimits users = userLimits(limits);
    const AttemptLimits addresses = addressLimits(limits);
    ofUsers_.setPatience(users.freeFailures, users.firstMs, users.longestMs);
    ofAddresses_.setPatience(addresses.freeFailures, addresses.firstMs, addresses.longestMs);
}

void Authentication::askAlso(const UserDirectory& directory, const Permissions& permissions) {
    directory_ = &directory;
    permissions_ = &permissions;
}

KnownUser Authentication::check(const std::string& user, const std::string& password, Proof proof,
                                const std::string& address) {
    AttemptLimiter::Attempt ofAddress = ofAddresses_.admit(address);
    AttemptLimiter::Attempt ofUser =
        ofUsers_.admit((proof == Proof::certificate ? "known " : "new ") + user);
    const std::optional<KnownUser> found = find(user, password);
    if (!found) {
        ofUser.failed();
        if (!address.empty()) ofAddress.failed();
        refuse(user, address);
    }
    ofUser.succeeded();
    ofAddress.succeeded();
    return *found;
}

std::optional<KnownUser> Authentication::find(const std::string& user,
                                              const std::string& password) {
    if (!password.starts_with(ApiTokens::prefix)) {
        if (directory_ && !users_.hasInAnyCase(user)) return findInDirectory(user, password);
        const std::optional<User> found = users_.verify(user, password);
        if (!found) return {};
        return KnownUser{*found, {}, factors_.isOn(user)};
    }
    const std::optional<ApiToken> token = tokens_.use(user, password);
    const std::optional<User> found = users_.find(user);
    if (!token || !found || found->disabled) return {};
    return KnownUser{*found, token, false};
}

std::optional<KnownUser> Authentication::findInDirectory(const std::string& user,
                                                         const std::string& password) const {
    const auto named = directory_->verify(user, password);
    if (!named) return {};
    std::vector<std::string> groups = permissions_->known(*named);
    if (groups.empty()) {
        log(LogLevel::warning, "login.without-group", {{"user", user}});
        throw Error(ErrorCode::permissionDenied,
                    "the directory knows you, but none of your groups there may use this server");
    }
    return KnownUser{User{.name = user}, {}, factors_.isOn(user), std::move(groups)};
}

void Authentication::checkPlace(const KnownUser& user, const std::string& address) const {
    if (user.groups && users_.hasInAnyCase(user.name)) refuse(user.name, address);
}

KnownUser Authentication::checkToken(const std::string& token, const std::string& address) {
    AttemptLimiter::Attempt ofAddress = ofAddresses_.admit(address);
    const std::optional<ApiToken> found = tokens_.use(token);
    const std::optional<User> user = found ? users_.find(found->user) : std::nullopt;
    if (!user || user->disabled) {
        if (!address.empty()) ofAddress.failed();
        log(LogLevel::warning, "token.refused", {{"address", address}});
        throw Error(ErrorCode::permissionDenied, "this takes a token that is good");
    }
    ofAddress.succeeded();
    return KnownUser{*user, found, false};
}

void Authentication::checkCode(const std::string& user, const std::string& code,
                               const std::string& address) {
    AttemptLimiter::Attempt ofAddress = ofAddresses_.admit(address);
    AttemptLimiter::Attempt ofUser = ofUsers_.admit("code " + user);
    if (!factors_.use(user, code)) {
        ofUser.failed();
        if (!address.empty()) ofAddress.failed();
        log(LogLevel::warning, "code.refused",
            {{"user", user.substr(0, longestShown)}, {"address", address}});
        throw Error(ErrorCode::permissionDenied, "a wrong code, or one that was used already");
    }
    ofUser.succeeded();
    ofAddress.succeeded();
}

}  // namespace coffer
