#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "idl/access.hh"
#include "management_server/access/audit_log.h"
#include "management_server/access/session_table.h"

namespace coffer {

/// What somebody else remembers of the audit log's end.
struct RememberedHead {
    std::string by;  // "repository main"
    AuditHead head;
    std::optional<std::string> problem{};  // it cannot be read
};

/// Servant of all AuditLog objects; the default servant of the POA "audit".
class AuditServant : public POA_Coffer::AuditLog {
  public:
    using Remembered = std::function<std::vector<RememberedHead>()>;

    /// All outlive it.
    AuditServant(SessionTable& sessions, const coffer::AuditLog& log, Remembered remembered)
        : sessions_(sessions), log_(log), remembered_(std::move(remembered)) {}

    Coffer::AuditRecords* list(CORBA::ULongLong after, CORBA::ULong atMost) override;
    Coffer::AuditVerdict* verify() override;

  private:
    AuditVerdict look() const;

    SessionTable& sessions_;
    const coffer::AuditLog& log_;  // the base has the bare name
    const Remembered remembered_;
};

}  // namespace coffer
