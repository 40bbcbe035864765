#pragma once

#include <functional>
#include <span>
#include <vector>

#include "core/base/clock.h"
#include "core/base/wire.h"
#include "core/codec/signature.h"
#include "core/repository/manifest_record.h"
#include "core/storage/object_store.h"

namespace coffer {

/// Where the chain ends. Its sequence number is the repository's generation.
struct ManifestHead {
    std::uint64_t sequence = 0;
    Digest digest;
    Timestamp time;

    bool operator==(const ManifestHead&) const = default;
};

/// The records of one segment object, chain and signatures checked. Throws Error(corrupt),
/// (untrusted), (unsupported).
std::vector<ManifestRecord> decodeSegment(ByteView segment, const VerifyKey& server);

/// SHA-256 of a record's body: what the next record points back to.
Digest digestOf(const ManifestRecord& record);

/// Reads the chain from the segment that holds `from` to its end, checking every link and
/// signature, and calls `each` for the records from `from` on. Throws Error(corrupt) for a gap or a
/// segment that does not parse, (untrusted) for a broken link or signature. Gives the head.
ManifestHead readManifest(ObjectStore& store, const VerifyKey& server, std::uint64_t from,
                          const std::function<void(const ManifestRecord&)>& each);

/// Appends to the chain. The tail segment is replaced as a whole until it is large enough, so an
/// append is all there or not at all. Used by one thread at a time.
class ManifestLog {
  public:
    /// Goes on behind what is in the store (nothing at all in a new one).
    ManifestLog(ObjectStore& store, const SigningKey& server, const Clock& clock);

    const ManifestHead& head() const { return head_; }

    /// Whether the chain ends where this one knows; quick. Where several programs append in turn,
    /// each asks for it when its turn begins.
    bool isCurrent();

    /// Goes on behind what others have appended since, and gives that, links and signatures
    /// checked. Throws Error(untrusted) when what was there before has changed.
    std::vector<ManifestRecord> follow();

    /// Puts the last segment again as it is. Durable when it returns is all that this one knows:
    /// who was cut in an append may have left it where others see it, but not a power loss.
    void settle();

    /// Stamps, signs and appends; durable when it returns. Gives the records as written. All or
    /// nothing for up to batchSize records; more go in several batches.
    std::vector<ManifestRecord> append(std::span<const ManifestPayload> payloads);
    static constexpr std::size_t batchSize = 500;

  private:
    ManifestRecord next(WireReader& reader);
    void appendBatch(std::span<const ManifestPayload> payloads,
                     std::vector<ManifestRecord>& written);

    ObjectStore& store_;
    const SigningKey& server_;
    const Clock& clock_;
    ManifestHead head_;
    std::string tailName_;
    Bytes tail_;
};

}  // namespace coffer
