#include "core/repository/manifest_log.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "core/base/error.h"
#include "core/base/wire.h"
#include "core/repository/envelope.h"
#include "core/repository/manifest_format.h"
#include "core/repository/numbered_name.h"

namespace coffer {

namespace format = manifest_format;

namespace {

std::string segmentName(std::uint64_t first) {
    return numberedName(format::folder, first);
}

// Names of the segments that may hold records from `from` on, ascending: the last one that starts
// at or before it, and all behind.
std::vector<std::string> segmentsFrom(ObjectStore& store, std::uint64_t from) {
    std::vector<std::string> names = numberedNames(store, format::folder);
    const auto behind = std::ranges::upper_bound(names, segmentName(from));
    if (behind != names.begin()) names.erase(names.begin(), std::prev(behind));
    return names;
}

void checkLink(const ManifestRecord& record, const ManifestHead& before) {
    if (record.sequence != before.sequence + 1) {
        throw Error(ErrorCode::corrupt,
                    "manifest: record " + std::to_string(before.sequence + 1) + " is missing");
    }
    if (record.previous != before.digest) {
        throw Error(ErrorCode::untrusted, "manifest: record " + std::to_string(record.sequence) +
                                              " does not follow the one before");
    }
    if (record.time < before.time) {
        throw Error(ErrorCode::untrusted, "manifest: record " + std::to_string(record.sequence) +
                                              " is stamped earlier than the one before");
    }
}

ManifestHead headAt(const ManifestRecord& record) {
    return {record.sequence, digestOf(record), record.time};
}

}  // namespace

Digest digestOf(const ManifestRecord& record) {
    return sha256(record.encodeBody());
}

std::vector<ManifestRecord> decodeSegment(ByteView segment, const VerifyKey& server) {
    WireReader reader = openObject(segment, format::magic, format::formatVersion);
    std::vector<ManifestRecord> records;
    while (!reader.atEnd()) {
        const ByteView body = reader.sized(format::recordLimit);
        verifySignature(server, format::recordPurpose, body, reader.id<Signature>());
        records.push_back(ManifestRecord::decodeBody(body));
        if (records.size() > 1) checkLink(records.back(), headAt(records[records.size() - 2]));
    }
    return records;
}

ManifestHead readManifest(ObjectStore& store, const VerifyKey& server, std::uint64_t from,
                          const std::function<void(const ManifestRecord&)>& each) {
    ManifestHead head;
    bool first = true;
    for (const std::string& name : segmentsFrom(store, from)) {
        during(name, [&] {
            const Bytes segment = readAll(store, name, format::segmentLimit);
            const std::vector<ManifestRecord> records = decodeSegment(segment, server);
            if (records.empty() || segmentName(records.front().sequence) != name) {
                throw Error(ErrorCode::corrupt, "it does not hold the records its name promises");
            }
            for (const ManifestRecord& record : records) {
                if (!first || record.sequence == 1) checkLink(record, head);
                if (first && record.sequence > std::max<std::uint64_t>(from, 1)) {
                    throw Error(ErrorCode::corrupt, "the manifest's records before it are missing");
                }
                first = false;
                head = headAt(record);
                if (record.sequence >= from) each(record);
            }
        });
    }
    return head;
}

ManifestLog::ManifestLog(ObjectStore& store, const SigningKey& server, const Clock& clock)
    : store_(store), server_(server), clock_(clock) {
    const std::vector<std::string> names = segmentsFrom(store, ~std::uint64_t{0});
    if (names.empty()) return;
    tailName_ = names.back();
    during(tailName_, [&] {
        tail_ = readAll(store, tailName_, format::segmentLimit);
        const auto records = decodeSegment(tail_, server.verifyKey());
        if (records.empty()) throw Error(ErrorCode::corrupt, "a manifest segment is empty");
        head_ = headAt(records.back());
    });
}

// Each append makes the last segment longer or begins one behind it.
bool ManifestLog::isCurrent() {
    return store_.size(tailName_) == tail_.size() &&
           (tail_.size() < format::segmentTarget || !store_.size(segmentName(head_.sequence + 1)));
}

std::vector<ManifestRecord> ManifestLog::follow() {
    std::vector<ManifestRecord> fresh;
    for (const std::string& name : segmentsFrom(store_, head_.sequence)) {
        during(name, [&] {
            const Bytes segment = readAll(store_, name, format::segmentLimit);
            const bool known = name == tailName_;
            if (known && (segment.size() < tail_.size() ||
                          !std::ranges::equal(ByteView(segment).first(tail_.size()), tail_))) {
                throw Error(ErrorCode::untrusted, "what stood in it has changed");
            }
            if (!known && name != segmentName(head_.sequence + 1)) {
                throw Error(ErrorCode::corrupt, "it does not hold the records its name promises");
            }
            WireReader reader = openObject(segment, format::magic, format::formatVersion);
            if (known) reader = WireReader(ByteView(segment).subspan(tail_.size()));
            while (!reader.atEnd()) fresh.push_back(next(reader));
            tailName_ = name;
            tail_ = segment;
        });
    }
    return fresh;
}

// The next record of the chain.
ManifestRecord ManifestLog::next(WireReader& reader) {
    const ByteView body = reader.sized(format::recordLimit);
    verifySignature(server_.verifyKey(), format::recordPurpose, body, reader.id<Signature>());
    ManifestRecord record = ManifestRecord::decodeBody(body);
    checkLink(record, head_);
    head_ = headAt(record);
    return record;
}

// Nobody begins a segment before the one in front of it is durable.
void ManifestLog::settle() {
    if (!tail_.empty()) store_.put(tailName_, tail_);
}

std::vector<ManifestRecord> ManifestLog::append(std::span<const ManifestPayload> payloads) {
    std::vector<ManifestRecord> written;
    while (!payloads.empty()) {
        const std::size_t count = std::min(payloads.size(), batchSize);
        appendBatch(payloads.first(count), written);
        payloads = payloads.subspan(count);
    }
    return written;
}

void ManifestLog::appendBatch(std::span<const ManifestPayload> payloads,
                              std::vector<ManifestRecord>& written) {
    Bytes tail = tail_;
    std::string name = tailName_;
    if (tail.empty() || tail.size() >= format::segmentTarget) {
        tail = beginObject(format::magic, format::formatVersion).take();
        name = segmentName(head_.sequence + 1);
    }
    ManifestHead head = head_;
    WireWriter added;
    for (const ManifestPayload& payload : payloads) {
        const ManifestRecord record{head.sequence + 1, head.digest,
                                    std::max(clock_.now(), head.time), payload};
        const Bytes body = record.encodeBody();
        added.sized(body);
        added.raw(server_.sign(format::recordPurpose, body).view());
        head = {record.sequence, sha256(body), record.time};
        written.push_back(record);
    }
    coffer::append(tail, added.bytes());
    store_.put(name, tail);
    tail_ = std::move(tail);
    tailName_ = std::move(name);
    head_ = head;
}

}  // namespace coffer
