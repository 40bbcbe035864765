#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/clock.h"
#include "core/base/digest.h"
#include "core/base/guarded.h"
#include "management_server/access/audit_log.h"
#include "management_server/access/policy.h"

namespace coffer {

using SessionKey = Id<16, struct SessionKeyTag>;

/// Whose call is being served.
struct UserSession {
    std::string user;
    SessionKey id;

    /// Name of the session as owner of leases (LeaseKeeper).
    std::string owner() const { return id.hex(); }
};

/// What a session begins with.
struct SessionStart {
    bool mustChange = false;  // the password: good for nothing else before
    bool needsCode = false;   // of the second factor: good for nothing else before
    std::string token{};      // id of the token by which it began
    std::optional<std::vector<Grant>> grants{};  // of the token: its user may do more, the session
                                                 // may not
    std::optional<Timestamp> ends{};             // likewise

    /// Of who is kept in a directory: he may what these groups may.
    std::optional<std::vector<std::string>> groups{};
};

struct SessionLimits {
    std::int64_t idleSeconds = 2 * 3600;
    std::int64_t ageSeconds = 48 * 3600;
    std::size_t sessions = 10'000;
    std::size_t sessionsOfUser = 200;
};

/// The sessions of users that are logged in, in memory only. Objects of a session have ids that
/// begin with the 16 octets of its key, whatever POA they are in. Safe to share between threads.
class SessionTable {
  public:
    /// How the table learns which object is called, and by whom; tests put their own here.
    struct Call {
        std::function<Bytes()> objectId;  // of the upcall's object

        /// Name of the client's certificate; nothing for a call within this process, which is
        /// trusted. Throws Error(permissionDenied) for everybody else.
        std::function<std::optional<std::string>()> client;

        /// What a user may do at this moment: Permissions::of.
        std::function<std::vector<Grant>(const std::string& user)> grants;

        /// The same of groups together; needed with a directory of users alone.
        std::function<std::vector<Grant>(const std::vector<std::string>& groups)> groupGrants{};
    };

    SessionTable(const Clock& clock, Call call, const SessionLimits& limits = {});

    /// `ended` is called, without a lock, for each session that ends, however it ends. Registered
    /// before the first session begins.
    void onEnd(std::function<void(const UserSession&)> ended);

    /// Where changes are written to; outlives the table. Registered before the first session.
    void auditTo(AuditLog& log) { audit_ = &log; }

    /// Begins one. Throws Error(limitExceeded) when the user or the server has too many.
    UserSession begin(const std::string& user, const SessionStart& start = {});

    /// First line of every servant whose objects belong to sessions: the session of the object that
    /// is being called, its use stamped. Throws Error(loginAgain) when it has ended,
    /// (permissionDenied) unless the caller's certificate is that of its user and the session has
    /// the right, (conflict) when something has to be done first. In an upcall only.
    UserSession require(Right right, const Scope& scope = {});

    /// The same for what every user may do.
    UserSession requireAny();

    /// The same for what only a person may do, and no token.
    UserSession requirePerson();

    /// The same for a session of a person who has to change the password, or is about to.
    UserSession requireForPassword();

    /// As requireAny(), but also when something has to be done first.
    UserSession requireEvenLimited();

    /// As requireAny(), for a key that was found in another way.
    UserSession require(const SessionKey& key);

    /// Whether a session has a right; no call is looked at.
    bool may(const UserSession& session, Right right, const Scope& scope) const;

    /// Throws Error(permissionDenied) unless it has.
    void check(const UserSession& session, Right right, const Scope& scope) const;

    /// Makes a change and writes it into the audit log.
    template <class Work>
    decltype(auto) audited(const UserSession& session, const Change& change, Work&& work) const {
        if (!audit_) return std::forward<Work>(work)();
        return audit_->around(session.user, change, std::forward<Work>(work));
    }

    /// Octets of the called object's id behind the session's key.
    Bytes objectSuffix() const;

    bool needsCode(const UserSession& session) const;

    /// The groups with which its user came, if he is kept in a directory.
    std::optional<std::vector<std::string>> directoryGroups(const UserSession& session) const;

    /// Throws Error(conflict) for what is only for users that this server keeps itself.
    void refuseDirectoryUser(const UserSession& session) const;

    /// The code was right.
    void codeGiven(const UserSession& session);

    /// The password has been changed in this session: it is not limited any more, and the user's
    /// other sessions end.
    void passwordChanged(const UserSession& session);

    /// How old sessions get, those too that have begun.
    void setAges(std::int64_t idleSeconds, std::int64_t ageSeconds);

    void end(const SessionKey& key);
    void endUser(const std::string& user);  // all of the user's
    void endToken(const std::string& id);   // all that began by it

    /// Ends what is idle or too old; for the housekeeping. Gives how many there were.
    std::size_t expire();
    std::size_t count() const;

  private:
    struct Entry {
        std::string user;
        Timestamp begun;
        Timestamp used;
        SessionStart start;
    };
    using Entries = std::unordered_map<SessionKey, Entry, IdHash>;

    bool overdue(const Entry& entry, Timestamp now) const;
    std::optional<SessionStart> startOf(const UserSession& session) const;
    SessionKey calledKey() const;
    Entry use(const SessionKey& key);
    template <class Ends>
    std::size_t endThose(const Ends& ends);

    const Clock& clock_;
    const Call call_;
    const SessionLimits limits_;  // but for the ages
    std::atomic<std::int64_t> idleSeconds_;
    std::atomic<std::int64_t> ageSeconds_;
    AuditLog* audit_ = nullptr;
    std::vector<std::function<void(const UserSession&)>> ended_;
    Guarded<Entries> entries_;
};

}  // namespace coffer
