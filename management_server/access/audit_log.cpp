#include "management_server/access/audit_log.h"

#include <utility>

#include "core/base/error.h"
#include "core/service/log.h"
#include "management_server/database/columns.h"

namespace coffer {

namespace {

constexpr std::size_t longestValue = 4'096;
constexpr std::size_t mostFacts = 100;
constexpr std::size_t page = 1'000;

struct Row {
    std::uint64_t number = 0;
    Bytes record;
    Digest hash;
};

std::vector<Row> rowsAfter(SqlDatabase& database, std::uint64_t number, std::size_t atMost) {
    std::vector<Row> rows;
    SqlStatement row = database.prepare(
        "SELECT number, record, hash FROM audit WHERE number>? ORDER BY number LIMIT ?");
    row.bind(1, static_cast<std::int64_t>(number)).bind(2, static_cast<std::int64_t>(atMost));
    while (row.step()) {
        rows.push_back({static_cast<std::uint64_t>(row.integer(0)), toBytes(row.blob(1)),
                        idAt<Digest>(row, 2)});
    }
    return rows;
}

AuditHead headOf(SqlDatabase& database) {
    SqlStatement row =
        database.prepare("SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1");
    if (!row.step()) return {};
    return {static_cast<std::uint64_t>(row.integer(0)), idAt<Digest>(row, 1)};
}

void bound(std::string& text) {
    if (text.size() > longestValue) text.resize(longestValue);
}

AuditFacts bounded(const AuditFacts& facts) {
    AuditFacts kept;
    for (const auto& fact : facts) {
        if (kept.size() == mostFacts) break;
        std::string name = fact.first;
        std::string value = fact.second;
        bound(name);
        bound(value);
        kept.emplace(std::move(name), std::move(value));
    }
    return kept;
}

// What is wrong with a record behind `head`, if anything.
std::optional<std::string> faultOf(const Row& row, const AuditHead& head) {
    const std::uint64_t due = head.number + 1;
    if (row.number != due) return "record " + std::to_string(due) + " is missing";
    if (auditHash(head.hash, row.record) != row.hash) {
        return "record " + std::to_string(due) + " was changed";
    }
    try {
        if (decodeAudit(row.record).number == due) return {};
    } catch (const Error&) {
        // Told below.
    }
    return "record " + std::to_string(due) + " makes no sense";
}

}  // namespace

AuditLog::AuditLog(ServerDatabase& database, const Clock& clock,
                   std::function<std::string()> address)
    : database_(database), clock_(clock), address_(std::move(address)) {}

void AuditLog::add(const std::string& user, const Change& change) {
    database_.change([&](SqlDatabase& database) { add(database, user, change); });
}

void AuditLog::add(SqlDatabase& database, const std::string& user, const Change& change) {
    const AuditHead head = headOf(database);
    AuditRecord record{head.number + 1, clock_.now(), user, address_(), change};
    bound(record.change.subject);
    record.change.before = bounded(change.before);
    record.change.after = bounded(change.after);
    const Bytes encoded = encodeAudit(record);
    SqlStatement row = database.prepare("INSERT INTO audit VALUES(?, ?, ?)");
    row.bind(1, static_cast<std::int64_t>(record.number)).bind(2, encoded);
    row.bind(3, auditHash(head.hash, encoded).view()).run();
}

void AuditLog::addFailed(const std::string& user, const Change& change, const std::string& why) {
    try {
        add(user, {change.action + "-failed", change.subject, {}, {{"message", why}}});
    } catch (const Error& error) {
        // The first reason is the one to be told.
        log(LogLevel::error, "audit.failed", {{"message", error.what()}});
    }
}

std::vector<AuditRecord> AuditLog::after(std::uint64_t number, std::size_t atMost) const {
    const std::vector<Row> rows =
        database_.read([&](SqlDatabase& database) { return rowsAfter(database, number, atMost); });
    std::vector<AuditRecord> records;
    for (const Row& row : rows) records.push_back(decodeAudit(row.record));
    return records;
}

AuditHead AuditLog::head() const {
    return database_.read(headOf);
}

bool AuditLog::holds(const AuditHead& head) const {
    if (head.number == 0) return true;
    return database_.read([&](SqlDatabase& database) {
        const std::vector<Row> rows = rowsAfter(database, head.number - 1, 1);
        return !rows.empty() && rows.front().number == head.number &&
               rows.front().hash == head.hash;
    });
}

AuditVerdict AuditLog::verify(const std::optional<AuditHead>& known) const {
    AuditVerdict verdict;
    bool met = !known || known->number == 0;
    while (true) {
        const std::vector<Row> rows = database_.read(
            [&](SqlDatabase& database) { return rowsAfter(database, verdict.head.number, page); });
        for (const Row& row : rows) {
            verdict.bad = faultOf(row, verdict.head);
            if (verdict.bad) return verdict;
            verdict.head = {row.number, row.hash};
            if (known && known->number == row.number) {
                met = *known == verdict.head;
                if (!met) verdict.bad = "record " + std::to_string(row.number) + " is another one";
                if (!met) return verdict;
            }
        }
        if (rows.size() < page) break;
    }
    if (!met) verdict.bad = "records up to " + std::to_string(known->number) + " were cut off";
    return verdict;
}

}  // namespace coffer
