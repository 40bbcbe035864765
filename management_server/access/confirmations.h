#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "management_server/access/permissions.h"
#include "management_server/database/server_database.h"

namespace coffer {

/// Something that a second person has to confirm before it is done.
struct Request {
    std::int64_t number = 0;
    std::string action;   // "forget-snapshot"…
    std::string subject;  // for people: what it is about
    std::string user;     // who asks
    Timestamp made;
    Timestamp expires;
    std::map<std::string, std::string> parameters{};  // for who carries it out
    std::string state;    // "waiting", "done", "failed", "refused", "expired"
    std::string decider;  // who has confirmed or refused it
    std::optional<Timestamp> decided{};
    std::string message;  // of one that failed
};

enum class SecondPerson { automatic, always, never };

/// What cannot be taken back needs two people: who asks, and another one who may delete. On its own
/// that holds as soon as two users may. Safe to share between threads.
class Confirmations {
  public:
    struct Settings {
        SecondPerson secondPerson = SecondPerson::automatic;
        std::int64_t validSeconds = 72 * 3600;  // of a request
    };

    /// All outlive it.
    Confirmations(ServerDatabase& database, const Clock& clock, const Permissions& permissions,
                  const Settings& settings);

    /// Who carries out an action once it is confirmed; registered before the first request.
    void carryOut(const std::string& action, std::function<void(const Request&)> work);

    bool isNeeded() const;

    /// Returns when no second person is needed. Else enters the request, unless the same one of the
    /// user waits already, and throws Error(conflict) with its number.
    void require(const std::string& user, const std::string& action, const std::string& subject,
                 const std::map<std::string, std::string>& parameters);

    /// Carries a request out, once. Throws Error(notFound), (permissionDenied) for who has asked
    /// himself, (conflict) when it does not wait any more, and what the work throws.
    void confirm(const std::string& user, std::int64_t number);

    /// Also by who has asked. Throws Error(notFound), (conflict).
    void refuse(const std::string& user, std::int64_t number);

    /// What waits and is about an agent of that name has failed: it is called otherwise now, and
    /// another one may get its name. Within ServerDatabase::change.
    static void agentRenamed(SqlDatabase& database, const std::string& name,
                             const std::string& fresh, Timestamp now);

    /// Likewise what is about a repository that was removed, kept or is gone: what was asked for is
    /// not what would be done now, and another one may get its name.
    static void repositoryChanged(SqlDatabase& database, const std::string& name, Timestamp now);

    /// Likewise what this user has asked for, who is gone or may do less now: two people are one
    /// when one of them may not ask.
    static void askerChanged(SqlDatabase& database, const std::string& user,
                             const std::string& why);

    /// Newest first, up to 1,000.
    std::vector<Request> list() const;
    Request get(std::int64_t number) const;  // Error(notFound)

  private:
    void decide(const std::string& user, std::int64_t number, const std::string& state);
    Request asOfNow(Request request) const;

    ServerDatabase& database_;
    const Clock& clock_;
    const Permissions& permissions_;
    const Settings settings_;
    std::map<std::string, std::function<void(const Request&)>> works_;
};

}  // namespace coffer
