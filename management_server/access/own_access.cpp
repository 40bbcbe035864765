// The operations of the AccessManager for what is a user's own.
#include "core/base/error.h"
#include "core/rpc/failure.h"
#include "management_server/access/access_manager.h"
#include "management_server/access/totp.h"

namespace coffer {

namespace {

constexpr std::int64_t day = 86'400;

Coffer::ApiTokenInfo toTokenInfo(const ApiToken& token) {
    Coffer::ApiTokenInfo info;
    info.id = token.id.c_str();
    info.user = token.user.c_str();
    info.title = token.title.c_str();
    info.made = rpc::toMoment(token.made);
    info.expires = rpc::toMoment(token.expires);
    info.used = rpc::toMoment(token.used);
    info.grants = rpc::sequenceOf<Coffer::GrantInfos>(
        token.grants, [](const Grant& grant) { return toGrantInfo(0, "", grant); });
    return info;
}

std::vector<Grant> toGrants(const Coffer::GrantInfos& infos) {
    if (infos.length() > ApiTokens::mostGrants) {
        throw Error(ErrorCode::invalidArgument, "a token has 20 roles at most");
    }
    std::vector<Grant> grants;
    for (CORBA::ULong i = 0; i < infos.length(); ++i) grants.push_back(toGrant(infos[i]));
    return grants;
}

}  // namespace

Coffer::ApiTokenInfos* AccessManager::tokens() {
    return rpc::serve("list tokens", [&] {
        const UserSession session = parts_.sessions.requireAny();
        std::vector<ApiToken> tokens = parts_.tokens.list();
        if (!parts_.sessions.may(session, Right::manageAccess, {})) {
            std::erase_if(tokens,
                          [&](const ApiToken& token) { return token.user != session.user; });
        }
        return new Coffer::ApiTokenInfos(
            rpc::sequenceOf<Coffer::ApiTokenInfos>(tokens, toTokenInfo));
    });
}

char* AccessManager::makeToken(const char* title, CORBA::ULong validDays,
                               const Coffer::GrantInfos& infos) {
    return rpc::serve("make a token", [&] {
        const UserSession session = parts_.sessions.requirePerson();
        parts_.sessions.refuseDirectoryUser(session);
        const std::vector<Grant> grants = toGrants(infos);
        if (validDays == 0 || validDays > ApiTokens::longestDays) {
            throw Error(ErrorCode::invalidArgument, "a token is good for 1 to 400 days");
        }
        Timestamp expires = parts_.clock.now();
        expires.seconds += validDays * day;
        Change change{"token-made", std::string(title).substr(0, 100)};
        change.after.emplace("expires", toIso8601(expires));
        for (std::size_t i = 0; i < grants.size(); ++i) {
            change.after.emplace("grant-" + std::to_string(i + 1), shownGrant(grants[i]));
        }
        return parts_.sessions.audited(session, change, [&] {
            return CORBA::string_dup(
                parts_.tokens.make(session.user, title, expires, grants).c_str());
        });
    });
}

void AccessManager::removeToken(const char* id) {
    rpc::serve("remove a token", [&] {
        const UserSession session = parts_.sessions.requirePerson();
        const ApiToken token = parts_.tokens.get(id);
        if (token.user != session.user) {
            parts_.sessions.check(session, Right::manageAccess, {});
        }
        parts_.sessions.audited(
            session, {"token-removed", token.id, {{"user", token.user}, {"title", token.title}}},
            [&] {
                parts_.tokens.remove(token.id);
                parts_.sessions.endToken(token.id);
            });
    });
}

Coffer::SecondFactorInfo* AccessManager::beginSecondFactor() {
    return rpc::serve("begin a second factor", [&] {
        const UserSession session = parts_.sessions.requirePerson();
        const Bytes secret = parts_.factors.begin(session.user);
        Coffer::SecondFactorInfo_var info = new Coffer::SecondFactorInfo;
        info->secret = toBase32(secret).c_str();
        info->uri = codeUri(session.user, secret).c_str();
        return info._retn();
    });
}

Coffer::Strings* AccessManager::confirmSecondFactor(const char* code) {
    return rpc::serve("confirm a second factor", [&] {
        const UserSession session = parts_.sessions.requirePerson();
        return parts_.sessions.audited(session, {"second-factor-added", session.user}, [&] {
            return new Coffer::Strings(rpc::toStrings(parts_.factors.confirm(session.user, code)));
        });
    });
}

void AccessManager::endSecondFactor(const char* code) {
    rpc::serve("end a second factor", [&] {
        const UserSession session = parts_.sessions.requirePerson();
        parts_.authentication.checkCode(session.user, code, parts_.address());
        parts_.sessions.audited(session, {"second-factor-removed", session.user},
                                [&] { parts_.factors.remove(session.user); });
    });
}

}  // namespace coffer
