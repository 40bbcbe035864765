#include "management_server/access/audit_servant.h"

#include "core/base/error.h"
#include "core/rpc/convert.h"
#include "core/rpc/failure.h"

namespace coffer {

namespace {

constexpr CORBA::ULong longestList = 1'000;
constexpr std::size_t longestAnswer = std::size_t{8} << 20;

Coffer::AuditRecord toRecord(const AuditRecord& from) {
    Coffer::AuditRecord to;
    to.number = from.number;
    to.time = rpc::toMoment(from.time);
    to.user = from.user.c_str();
    to.address = from.address.c_str();
    to.action = from.change.action.c_str();
    to.subject = from.change.subject.c_str();
    to.before = rpc::toSettings(from.change.before);
    to.after = rpc::toSettings(from.change.after);
    return to;
}

std::size_t weightOf(const AuditRecord& record) {
    return encodeAudit(record).size() + 64;
}

}  // namespace

Coffer::AuditRecords* AuditServant::list(CORBA::ULongLong after, CORBA::ULong atMost) {
    return rpc::serve("list the audit log", [&] {
        sessions_.require(Right::readAudit);
        if (atMost < 1 || atMost > longestList) {
            throw Error(ErrorCode::invalidArgument, "a list has 1 to 1,000 records");
        }
        Coffer::AuditRecords_var records = new Coffer::AuditRecords;
        std::size_t octets = 0;
        for (const AuditRecord& record : log_.after(after, atMost)) {
            octets += weightOf(record);
            if (octets > longestAnswer && records->length() > 0) break;  // the next call goes on
            const CORBA::ULong at = records->length();
            records->length(at + 1);
            records[at] = toRecord(record);
        }
        return records._retn();
    });
}

Coffer::AuditVerdict* AuditServant::verify() {
    return rpc::serve("verify the audit log", [&] {
        sessions_.require(Right::readAudit);
        const AuditVerdict found = look();
        Coffer::AuditVerdict_var verdict = new Coffer::AuditVerdict;
        verdict->sound = !found.bad;
        verdict->records = found.head.number;
        verdict->hash = found.head.hash.hex().c_str();
        verdict->problem = found.bad.value_or("").c_str();
        return verdict._retn();
    });
}

AuditVerdict AuditServant::look() const {
    AuditVerdict verdict = log_.verify();
    for (const RememberedHead& known : remembered_()) {
        if (verdict.bad) break;
        if (known.problem) {
            verdict.bad = known.by + ": " + *known.problem;
            break;
        }
        if (log_.holds(known.head)) continue;
        verdict = log_.verify(known.head);  // which tells why
        if (verdict.bad) verdict.bad = *verdict.bad + ", says " + known.by;
    }
    return verdict;
}

}  // namespace coffer
