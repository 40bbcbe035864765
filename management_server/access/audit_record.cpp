#include "management_server/access/audit_record.h"

#include "core/base/error.h"
#include "core/base/wire.h"

namespace coffer {

namespace {

constexpr std::string_view label = "coffer audit 1";
constexpr std::uint64_t longestText = 1 << 20;

void write(WireWriter& writer, const AuditFacts& facts) {
    writer.varint(facts.size());
    for (const auto& [name, value] : facts) {
        writer.sized(name);
        writer.sized(value);
    }
}

AuditFacts readFacts(WireReader& reader) {
    AuditFacts facts;
    for (std::size_t left = reader.count(2, "facts"); left > 0; --left) {
        std::string name = reader.text(longestText);
        if (!facts.empty() && name <= facts.rbegin()->first) {
            throw Error(ErrorCode::corrupt, "facts out of order");
        }
        facts.emplace_hint(facts.end(), std::move(name), reader.text(longestText));
    }
    return facts;
}

}  // namespace

Bytes encodeAudit(const AuditRecord& record) {
    WireWriter writer;
    writer.varint(record.number);
    writer.time(record.time);
    writer.sized(record.user);
    writer.sized(record.address);
    writer.sized(record.change.action);
    writer.sized(record.change.subject);
    write(writer, record.change.before);
    write(writer, record.change.after);
    return writer.take();
}

AuditRecord decodeAudit(ByteView data) {
    return during("audit record", [&] {
        WireReader reader(data);
        AuditRecord record;
        record.number = reader.varint();
        record.time = reader.time();
        record.user = reader.text(longestText);
        record.address = reader.text(longestText);
        record.change.action = reader.text(longestText);
        record.change.subject = reader.text(longestText);
        record.change.before = readFacts(reader);
        record.change.after = readFacts(reader);
        reader.expectEnd();
        return record;
    });
}

Digest auditHash(const Digest& previous, ByteView encoded) {
    Sha256 hash;
    hash.update(bytesOf(label));
    hash.update(previous.view());
    hash.update(encoded);
    return hash.finish();
}

}  // namespace coffer
