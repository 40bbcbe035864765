#include "management_server/repositories/audit_witness.h"

#include <charconv>

#include "core/base/error.h"
#include "core/service/log.h"
#include "core/trust/private_file.h"

namespace coffer {

namespace {

constexpr std::string_view label = "coffer audit head";

std::string textOf(const AuditHead& head) {
    return "coffer-audit-head 1\nnumber " + std::to_string(head.number) + "\nhash " +
           head.hash.hex() + "\n";
}

// The head of a text whose seal was right: what textOf has made.
AuditHead headIn(std::string_view text) {
    constexpr std::string_view before = "coffer-audit-head 1\nnumber ";
    constexpr std::string_view between = "\nhash ";
    constexpr std::size_t digits = 2 * sizeof(Digest::bytes);
    AuditHead head;
    const std::size_t at = text.find(between);
    if (!text.starts_with(before) || at == text.npos) {
        throw Error(ErrorCode::corrupt, "no head of an audit log");
    }
    const std::string_view number = text.substr(before.size(), at - before.size());
    std::from_chars(number.data(), number.data() + number.size(), head.number);
    head.hash = Digest::from(fromHex(text.substr(at + between.size(), digits)));
    return head;
}

}  // namespace

AuditWitness::AuditWitness(const AuditLog& log, const ServerRepositories& repositories,
                           const SecretKey& key)
    : log_(log), repositories_(repositories), key_(deriveKey(key, {}, bytesOf(label))) {}

std::string AuditWitness::sealOf(const std::string& text) const {
    return toHex(deriveKey(key_, {}, bytesOf(text)).view());
}

void AuditWitness::note() {
    const AuditHead head = log_.head();
    if (head.number == 0) return;
    for (const RepositoryRecord& repository : repositories_.inService()) {
        try {
            const RememberedHead known = read(repository);
            if (known.problem || known.head == head) continue;
            if (!log_.holds(known.head)) {
                throw Error(ErrorCode::untrusted, "records that it knows of are missing");
            }
            write(repository, head);
        } catch (const Error& error) {
            log(LogLevel::warning, "audit.head-not-written",
                {{"repository", repository.name}, {"message", error.what()}});
        }
    }
}

void AuditWitness::write(const RepositoryRecord& repository, const AuditHead& head) const {
    const std::string text = textOf(head);
    writePrivateFile(auditHeadOf(repository.folder), text + "seal " + sealOf(text) + "\n");
}

std::vector<RememberedHead> AuditWitness::remembered() const {
    std::vector<RememberedHead> heads;
    for (const RepositoryRecord& repository : repositories_.inService()) {
        heads.push_back(read(repository));
    }
    return heads;
}

// One that is not there yet is as one of an empty log.
RememberedHead AuditWitness::read(const RepositoryRecord& repository) const {
    RememberedHead known{"repository " + repository.name, {}, {}};
    try {
        const std::string all = readTextFile(auditHeadOf(repository.folder));
        const std::size_t at = all.find("seal ");
        const std::string text = all.substr(0, at);
        if (at == all.npos || all.substr(at) != "seal " + sealOf(text) + "\n") {
            throw Error(ErrorCode::untrusted, "audit-head is not of this server");
        }
        known.head = headIn(text);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::notFound) known.problem = error.what();
    }
    return known;
}

}  // namespace coffer
