#include "rescue/manifest_reader.h"

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "rescue/manifest_segment.h"

namespace coffer::rescue {

namespace {

constexpr std::size_t segmentNameLength = 16;

bool isSegmentName(const std::string& name) {
    return name.find_first_not_of("0123456789abcdef") == std::string::npos;
}

}  // namespace

void ManifestReader::addSegment(const std::string& name, ByteView octets) {
    ProblemReport inSegment([&](const std::string& line) { report_.add(name + ": " + line); });
    bool first = true;
    readSegment(octets, config_.serverVerify, inSegment, [&](ByteView body) {
        during(name, [&] { addRecord(body); });
        if (std::exchange(first, false) && sequence_ != std::stoull(name, nullptr, 16)) {
            inSegment.add("does not begin with the record that its name tells");
        }
    });
    if (first) inSegment.add("no record in it");
}

void ManifestReader::addRecord(ByteView body) {
    ManifestRecord record;
    const bool readable =
        report_.attempt("manifest: record behind number " + std::to_string(sequence_),
                        [&] { record = readManifestRecord(body); });
    if (!readable) return;
    if (record.sequence <= sequence_) {
        report_.add("manifest: record " + std::to_string(record.sequence) + " is there again");
        return;
    }
    checkChain(record);
    if (record.sequence == 1 && !std::holds_alternative<GenesisRecord>(record.payload)) {
        throw Error(ErrorCode::untrusted, "does not begin with what it belongs to");
    }
    sequence_ = record.sequence;
    previous_ = sha256(body);
    time_ = record.time;
    std::visit([&](const auto& payload) { take(payload, record); }, record.payload);
}

void ManifestReader::checkChain(const ManifestRecord& record) {
    const auto number = std::to_string(record.sequence);
    if (record.sequence != sequence_ + 1) {
        report_.add("manifest: records " + std::to_string(sequence_ + 1) + " to " +
                    std::to_string(record.sequence - 1) +
                    " are missing: snapshots may be missing, or shown though forgotten");
    } else if (record.previous != previous_) {
        report_.add("manifest: record " + number + " does not follow the one before");
    }
    if (sequence_ > 0 && record.time < time_) {
        report_.add("manifest: record " + number + " is dated before the one before");
    }
}

void ManifestReader::take(const GenesisRecord& record, const ManifestRecord& whole) {
    if (whole.sequence != 1 || record.repository != config_.repository ||
        record.config != config_.digest) {
        throw Error(ErrorCode::untrusted, "the manifest of another repository");
    }
}

void ManifestReader::take(const AgentRecord& record, const ManifestRecord&) {
    agents_.insert_or_assign(record.agent, record.key);
}

void ManifestReader::take(const PackRecord& record, const ManifestRecord&) {
    report_.attempt("pack " + record.pack.hex() + " is not used", [&] {
        checkAgent(record.agent, "coffer pack registration", record.statement(config_.repository),
                   record.signature);
        packs_.insert_or_assign(record.pack, RegisteredPack{record.pack, record.size, record.digest,
                                                            PackState::received});
    });
}

void ManifestReader::take(const PackStateRecord& record, const ManifestRecord&) {
    const auto pack = packs_.find(record.pack);
    if (pack != packs_.end()) pack->second.state = record.state;
}

void ManifestReader::take(const SnapshotRecord& record, const ManifestRecord& whole) {
    report_.attempt("snapshot " + record.snapshot.hex() + " is not used", [&] {
        checkAgent(record.agent, "coffer snapshot", record.statement(config_.repository),
                   record.signature);
        take(ForgetRecord{record.snapshot}, whole);
        places_[record.snapshot] = whole.sequence;
        snapshots_[whole.sequence] = {record, whole.time, {}};
    });
}

void ManifestReader::take(const ForgetRecord& record, const ManifestRecord&) {
    const auto place = places_.find(record.snapshot);
    if (place == places_.end()) return;
    snapshots_.erase(place->second);
    places_.erase(place);
}

void ManifestReader::take(const OwnerRecord&, const ManifestRecord&) {}

void ManifestReader::take(const MarkRecord&, const ManifestRecord&) {}

void ManifestReader::take(const TrashRecord& record, const ManifestRecord&) {
    setDue(record.snapshot, record.due);
}

void ManifestReader::take(const UntrashRecord& record, const ManifestRecord&) {
    setDue(record.snapshot, {});
}

void ManifestReader::setDue(const SnapshotId& snapshot, std::optional<Timestamp> due) {
    const auto place = places_.find(snapshot);
    if (place != places_.end()) snapshots_.at(place->second).due = due;
}

void ManifestReader::checkAgent(const AgentId& agent, std::string_view purpose, ByteView statement,
                                const Signature& signature) const {
    const auto key = agents_.find(agent);
    if (key == agents_.end()) throw Error(ErrorCode::untrusted, "by an agent that is not known");
    verifySignature(key->second, purpose, statement, signature);
}

Manifest ManifestReader::finish() {
    Manifest manifest;
    manifest.lastSequence = sequence_;
    for (const auto& [id, pack] : packs_) {
        if (pack.state != PackState::gone) manifest.packs.push_back(pack);
    }
    std::sort(manifest.packs.begin(), manifest.packs.end(),
              [](const auto& a, const auto& b) { return a.id < b.id; });
    for (const auto& [sequence, snapshot] : snapshots_) manifest.snapshots.push_back(snapshot);
    return manifest;
}

Manifest readManifest(const RepositoryFolder& folder, const Config& config, ProblemReport& report) {
    ManifestReader reader(config, report);
    bool any = false;
    for (const std::string& name : folder.list("manifest", segmentNameLength)) {
        if (!isSegmentName(name)) continue;
        any = true;
        Bytes octets;
        const std::string object = "manifest/" + name;
        if (report.attempt(object, [&] { octets = folder.readAll(object, segmentLimit); })) {
            reader.addSegment(name, octets);
        }
    }
    Manifest manifest = reader.finish();
    if (!any || manifest.lastSequence == 0) {
        throw Error(ErrorCode::corrupt, "no manifest that can be read");
    }
    return manifest;
}

}  // namespace coffer::rescue
