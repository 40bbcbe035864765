#include "management_server/access/session_table.h"

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/base/random.h"
#include "core/service/log.h"

namespace coffer {

namespace {

constexpr std::size_t keySize = sizeof(SessionKey::bytes);
constexpr std::uint32_t comeBackMs = 60'000;

[[noreturn]] void refuseEnded() {
    throw Error(ErrorCode::loginAgain, "the session has ended: log in again");
}

void requireCode(const SessionStart& start) {
    if (!start.needsCode) return;
    throw Error(ErrorCode::conflict, "enter a code of the second factor first");
}

void requireUnlimited(const SessionStart& start) {
    requireCode(start);
    if (start.mustChange) throw Error(ErrorCode::conflict, "change the password first");
}

void requireNoToken(const SessionStart& start) {
    if (!start.grants) return;
    throw Error(ErrorCode::permissionDenied, "a token is not for this: log in with the password");
}

std::string textOf(Right right, const Scope& scope) {
    std::string text = "this needs the right '" + std::string(nameOf(right)) + "'";
    if (scope.agent) text += " for agent " + printable(scope.agent->substr(0, 64));
    if (!scope.component.empty()) text += " for " + printable(scope.component.substr(0, 100));
    return text;
}

}  // namespace

SessionTable::SessionTable(const Clock& clock, Call call, const SessionLimits& limits)
    : clock_(clock),
      call_(std::move(call)),
      limits_(limits),
      idleSeconds_(limits.idleSeconds),
      ageSeconds_(limits.ageSeconds) {}

void SessionTable::setAges(std::int64_t idleSeconds, std::int64_t ageSeconds) {
    idleSeconds_ = idleSeconds;
    ageSeconds_ = ageSeconds;
}

void SessionTable::onEnd(std::function<void(const UserSession&)> ended) {
    ended_.push_back(std::move(ended));
}

UserSession SessionTable::begin(const std::string& user, const SessionStart& start) {
    expire();
    const auto key = randomId<SessionKey>();
    const Timestamp now = clock_.now();
    entries_.with([&](Entries& entries) {
        const auto ofUser = [&](const auto& item) { return item.second.user == user; };
        const auto theirs =
            static_cast<std::size_t>(std::count_if(entries.begin(), entries.end(), ofUser));
        if (theirs >= limits_.sessionsOfUser) {
            throw Error(ErrorCode::limitExceeded,
                        "the user has " + std::to_string(theirs) + " sessions: log out in some")
                .withRetryAfter(comeBackMs);
        }
        if (entries.size() >= limits_.sessions) {
            throw Error(ErrorCode::limitExceeded, "too many sessions at this server")
                .withRetryAfter(comeBackMs);
        }
        entries.emplace(key, Entry{user, now, now, start});
    });
    return {user, key};
}

UserSession SessionTable::require(Right right, const Scope& scope) {
    const UserSession session = requireAny();
    check(session, right, scope);
    return session;
}

UserSession SessionTable::requireAny() {
    return require(calledKey());
}

UserSession SessionTable::require(const SessionKey& key) {
    const Entry entry = use(key);
    requireUnlimited(entry.start);
    return {entry.user, key};
}

UserSession SessionTable::requirePerson() {
    const SessionKey key = calledKey();
    const Entry entry = use(key);
    requireUnlimited(entry.start);
    requireNoToken(entry.start);
    return {entry.user, key};
}

UserSession SessionTable::requireForPassword() {
    const SessionKey key = calledKey();
    const Entry entry = use(key);
    requireCode(entry.start);
    requireNoToken(entry.start);
    return {entry.user, key};
}

UserSession SessionTable::requireEvenLimited() {
    const SessionKey key = calledKey();
    return {use(key).user, key};
}

bool SessionTable::may(const UserSession& session, Right right, const Scope& scope) const {
    const auto start = startOf(session);
    if (!start) return false;
    const std::vector<Grant> grants =
        start->groups ? call_.groupGrants(*start->groups) : call_.grants(session.user);
    if (!allowed(grants, right, scope)) return false;
    return !start->grants || allowed(*start->grants, right, scope);
}

std::optional<SessionStart> SessionTable::startOf(const UserSession& session) const {
    return entries_.with([&](const Entries& entries) -> std::optional<SessionStart> {
        const auto entry = entries.find(session.id);
        return entry == entries.end() ? std::nullopt : std::optional(entry->second.start);
    });
}

void SessionTable::check(const UserSession& session, Right right, const Scope& scope) const {
    if (may(session, right, scope)) return;
    throw Error(ErrorCode::permissionDenied, textOf(right, scope));
}

SessionKey SessionTable::calledKey() const {
    const Bytes id = call_.objectId();
    if (id.size() < keySize) refuseEnded();
    return SessionKey::from(ByteView(id).first(keySize));
}

Bytes SessionTable::objectSuffix() const {
    const Bytes id = call_.objectId();
    if (id.size() < keySize) return {};
    return toBytes(ByteView(id).subspan(keySize));
}

SessionTable::Entry SessionTable::use(const SessionKey& key) {
    const std::optional<std::string> caller = call_.client();
    const Timestamp now = clock_.now();
    bool overdueNow = false;
    Entry found;
    const bool foreign = entries_.with([&](Entries& entries) {
        const auto entry = entries.find(key);
        if (entry == entries.end()) refuseEnded();
        found = entry->second;
        // Before anything else: a stranger must not learn whether it has ended, or keep it alive.
        if (caller && *caller != found.user) return true;
        overdueNow = overdue(found, now);
        if (!overdueNow) entry->second.used = now;
        return false;
    });
    if (foreign) {
        log(LogLevel::warning, "session.foreign", {{"user", found.user}, {"caller", *caller}});
        throw Error(ErrorCode::permissionDenied, "the session is another user's");
    }
    if (overdueNow) {
        end(key);
        refuseEnded();
    }
    return found;
}

bool SessionTable::overdue(const Entry& entry, Timestamp now) const {
    return now.seconds - entry.used.seconds > idleSeconds_ ||
           now.seconds - entry.begun.seconds > ageSeconds_ ||
           (entry.start.ends && *entry.start.ends <= now);
}

template <class Ends>
std::size_t SessionTable::endThose(const Ends& ends) {
    std::vector<UserSession> ended;
    entries_.with([&](Entries& entries) {
        for (auto entry = entries.begin(); entry != entries.end();) {
            if (!ends(entry->first, entry->second)) {
                ++entry;
                continue;
            }
            ended.push_back({entry->second.user, entry->first});
            entry = entries.erase(entry);
        }
    });
    for (const UserSession& session : ended) {
        log(LogLevel::info, "session.ended", {{"user", session.user}});
        for (const auto& tell : ended_) tell(session);
    }
    return ended.size();
}

bool SessionTable::needsCode(const UserSession& session) const {
    const auto start = startOf(session);
    return start && start->needsCode;
}

std::optional<std::vector<std::string>> SessionTable::directoryGroups(
    const UserSession& session) const {
    const auto start = startOf(session);
    return start ? start->groups : std::nullopt;
}

void SessionTable::refuseDirectoryUser(const UserSession& session) const {
    if (!directoryGroups(session)) return;
    throw Error(ErrorCode::conflict,
                "this is for users that the server keeps itself, not for those "
                "of the directory");
}

void SessionTable::codeGiven(const UserSession& session) {
    entries_.with([&](Entries& entries) {
        const auto entry = entries.find(session.id);
        if (entry != entries.end()) entry->second.start.needsCode = false;
    });
}

void SessionTable::passwordChanged(const UserSession& session) {
    entries_.with([&](Entries& entries) {
        const auto entry = entries.find(session.id);
        if (entry != entries.end()) entry->second.start.mustChange = false;
    });
    endThose([&](const SessionKey& key, const Entry& entry) {
        return entry.user == session.user && key != session.id;
    });
}

void SessionTable::end(const SessionKey& key) {
    endThose([&](const SessionKey& other, const Entry&) { return other == key; });
}

void SessionTable::endUser(const std::string& user) {
    endThose([&](const SessionKey&, const Entry& entry) { return entry.user == user; });
}

void SessionTable::endToken(const std::string& id) {
    endThose([&](const SessionKey&, const Entry& entry) { return entry.start.token == id; });
}

std::size_t SessionTable::expire() {
    const Timestamp now = clock_.now();
    return endThose([&](const SessionKey&, const Entry& entry) { return overdue(entry, now); });
}

std::size_t SessionTable::count() const {
    return entries_.with([](const Entries& entries) { return entries.size(); });
}

}  // namespace coffer
