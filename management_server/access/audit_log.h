#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "management_server/access/audit_record.h"
#include "management_server/database/server_database.h"

namespace coffer {

/// The end of an audit log: the number of its last record, 0 when there is none, and its hash.
struct AuditHead {
    std::uint64_t number = 0;
    Digest hash;

    bool operator==(const AuditHead&) const = default;
};

/// What a look through the whole log has found.
struct AuditVerdict {
    AuditHead head;                  // as far as the chain holds
    std::optional<std::string> bad;  // what is wrong behind it
};

/// The audit log in server.db: every change, who made it, when and from where. Records are only
/// added, and each is chained to the one before it, so that none can be changed, removed or moved
/// without notice; that the last ones were cut off is noticed by who remembers a head. Safe to
/// share between threads.
class AuditLog {
  public:
    /// Both outlive it. `address` gives where the call that is being served comes from.
    AuditLog(ServerDatabase& database, const Clock& clock, std::function<std::string()> address);

    void add(const std::string& user, const Change& change);

    /// Likewise, within a transaction of ServerDatabase that makes the change.
    void add(SqlDatabase& database, const std::string& user, const Change& change);

    /// Enters the change, then makes it. One that fails gets a second record with the reason.
    template <class Work>
    decltype(auto) around(const std::string& user, const Change& change, Work&& work) {
        add(user, change);
        try {
            return std::forward<Work>(work)();
        } catch (const std::exception& error) {
            addFailed(user, change, error.what());
            throw;
        }
    }

    /// Records after a number, oldest first, up to `atMost`.
    std::vector<AuditRecord> after(std::uint64_t number, std::size_t atMost) const;

    AuditHead head() const;

    /// Whether the record of this head is there, with its hash.
    bool holds(const AuditHead& head) const;

    /// Looks at every record; `known`, a head of before, has to be among them.
    AuditVerdict verify(const std::optional<AuditHead>& known = {}) const;

  private:
    void addFailed(const std::string& user, const Change& change, const std::string& why);

    ServerDatabase& database_;
    const Clock& clock_;
    const std::function<std::string()> address_;
};

}  // namespace coffer
