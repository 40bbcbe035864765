#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "core/base/bytes.h"
#include "core/base/clock.h"
#include "core/base/digest.h"

namespace coffer {

using AuditFacts = std::map<std::string, std::string>;

/// What is being changed; no secrets.
struct Change {
    std::string action;   // "user-added", "snapshot-forgotten"…
    std::string subject;  // whom or what it is about
    AuditFacts before{};
    AuditFacts after{};
};

/// An entry of the audit log.
struct AuditRecord {
    std::uint64_t number = 0;  // from 1, without a gap
    Timestamp time;
    std::string user;     // who
    std::string address;  // from where; empty: within the server
    Change change;
};

/// The one form in which a record is kept and hashed (docs/access.md).
Bytes encodeAudit(const AuditRecord& record);

/// Throws Error(corrupt) for anything that encodeAudit does not make.
AuditRecord decodeAudit(ByteView data);

/// The hash of a record: SHA-256 over a label, the hash of the one before it (zeros before the
/// first) and its own form.
Digest auditHash(const Digest& previous, ByteView encoded);

}  // namespace coffer
