#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "rescue/config_reader.h"
#include "rescue/manifest_record.h"
#include "rescue/problem_report.h"
#include "rescue/repository_folder.h"

namespace coffer::rescue {

/// A pack that its agent and the server vouch for, and that was not deleted.
struct RegisteredPack {
    PackId id;
    std::uint64_t size = 0;
    Digest digest;
    PackState state = PackState::received;
};

/// A snapshot that its agent and the server vouch for, and that was not forgotten for good.
struct RegisteredSnapshot {
    SnapshotRecord record;
    Timestamp time;                // of the commit, by the server's clock
    std::optional<Timestamp> due;  // in the trash: would have been forgotten from then on
};

/// What belongs to a repository.
struct Manifest {
    std::vector<RegisteredPack> packs;          // sorted by id
    std::vector<RegisteredSnapshot> snapshots;  // the newest last
    std::uint64_t lastSequence = 0;
};

/// Takes in the manifest record by record (docs/formats/manifest.md). A record that is damaged or
/// missing is reported, and those behind it still count, as the server signed each of them.
/// Used by one thread.
class ManifestReader {
  public:
    /// Keeps references.
    ManifestReader(const Config& config, ProblemReport& report)
        : config_(config), report_(report) {}

    /// The segments must come in ascending order. Throws Error(untrusted) when the manifest
    /// belongs to another repository.
    void addSegment(const std::string& name, ByteView octets);

    Manifest finish();

  private:
    void addRecord(ByteView body);
    void checkChain(const ManifestRecord& record);

    void take(const GenesisRecord& record, const ManifestRecord& whole);
    void take(const AgentRecord& record, const ManifestRecord& whole);
    void take(const PackRecord& record, const ManifestRecord& whole);
    void take(const PackStateRecord& record, const ManifestRecord& whole);
    void take(const SnapshotRecord& record, const ManifestRecord& whole);
    void take(const ForgetRecord& record, const ManifestRecord& whole);
    void take(const OwnerRecord& record, const ManifestRecord& whole);
    void take(const MarkRecord& record, const ManifestRecord& whole);
    void take(const TrashRecord& record, const ManifestRecord& whole);
    void take(const UntrashRecord& record, const ManifestRecord& whole);
    void take(const PassedOver&, const ManifestRecord&) {}
    void setDue(const SnapshotId& snapshot, std::optional<Timestamp> due);

    void checkAgent(const AgentId& agent, std::string_view purpose, ByteView statement,
                    const Signature& signature) const;

    const Config& config_;
    ProblemReport& report_;
    std::uint64_t sequence_ = 0;
    Digest previous_;
    Timestamp time_;
    std::unordered_map<AgentId, VerifyKey, IdHash> agents_;
    std::unordered_map<PackId, RegisteredPack, IdHash> packs_;
    std::unordered_map<SnapshotId, std::uint64_t, IdHash> places_;  // in snapshots_, by sequence
    std::map<std::uint64_t, RegisteredSnapshot> snapshots_;
};

/// Reads the whole manifest of a repository. Throws Error(corrupt) when there is none.
Manifest readManifest(const RepositoryFolder& folder, const Config& config, ProblemReport& report);

}  // namespace coffer::rescue
