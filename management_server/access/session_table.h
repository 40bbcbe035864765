#pragma once

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

namespace coffer {

using SessionKey = Id<16, struct SessionKeyTag>;

/// Whose call is being served.
struct UserSession {
    std::string user;
    SessionKey id;

    /// Name of the session as owner of leases (LeaseKeeper).
    std::string owner() const { return id.hex(); }
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
    };

    SessionTable(const Clock& clock, Call call, const SessionLimits& limits = {});

    /// `ended` is called, without a lock, for each session that ends, however it ends. Registered
    /// before the first session begins.
    void onEnd(std::function<void(const UserSession&)> ended);

    /// Begins one; a `limited` one is good for a change of the password and nothing else. Throws
    /// Error(limitExceeded) when the user or the server has too many.
    UserSession begin(const std::string& user, bool limited = false);

    /// First line of every servant whose objects belong to sessions: the session of the object that
    /// is being called, its use stamped. Throws Error(loginAgain) when it has ended,
    /// (permissionDenied) unless the caller's certificate is that of its user, (conflict) when the
    /// session is limited. In an upcall only.
    UserSession require();

    /// The same for a key that was found in another way.
    UserSession require(const SessionKey& key);

    /// As require(), but also for a limited session.
    UserSession requireEvenLimited();

    /// Octets of the called object's id behind the session's key.
    Bytes objectSuffix() const;

    /// The password has been changed in this session: it is not limited any more, and the user's
    /// other sessions end.
    void passwordChanged(const UserSession& session);

    void end(const SessionKey& key);
    void endUser(const std::string& user);  // all of the user's

    /// Ends what is idle or too old; for the housekeeping. Gives how many there were.
    std::size_t expire();
    std::size_t count() const;

  private:
    struct Entry {
        std::string user;
        Timestamp begun;
        Timestamp used;
        bool limited = false;
    };
    using Entries = std::unordered_map<SessionKey, Entry, IdHash>;

    bool overdue(const Entry& entry, Timestamp now) const;
    SessionKey calledKey() const;
    Entry use(const SessionKey& key);
    template <class Ends>
    std::size_t endThose(const Ends& ends);

    const Clock& clock_;
    const Call call_;
    const SessionLimits limits_;
    std::vector<std::function<void(const UserSession&)>> ended_;
    Guarded<Entries> entries_;
};

}  // namespace coffer
