#pragma once

#include <memory>

#include "core/base/digest.h"
#include "core/codec/signature.h"
#include "core/repository/pack_directory.h"
#include "core/repository/pack_keys.h"
#include "core/repository/server_keys.h"

namespace coffer {

/// An agent's signed word about a finished pack.
struct PackRegistration {
    PackId pack;
    std::uint64_t size = 0;
    Digest sha256;
    AgentId agent;
    Signature signature;  // over statement()

    bool operator==(const PackRegistration&) const = default;

    /// What is signed; the signature's purpose is pack_format::registrationPurpose.
    Bytes statement(const RepositoryId& repository) const;
};

/// Where a pack's octets go: a local store or, later, a server. Used by one thread at a time.
class PackUpload {
  public:
    virtual ~PackUpload() = default;
    virtual PackId id() const = 0;
    virtual void append(ByteView slice) = 0;

    /// When it returns, the pack is durable, registered and found by everybody.
    virtual void finish(const PackRegistration& registration) = 0;
};

/// What a block holds, beside its octets.
struct BlockContent {
    ChunkKind kind = ChunkKind::data;
    std::uint32_t rawLength = 0;
    std::vector<ChunkPlace> chunks;
};

/// Writes one pack with an agent's keys, in slices. Broken stays broken: after a failure every call
/// throws. Used by one thread at a time.
class PackWriter {
  public:
    /// `keys` outlives the writer.
    PackWriter(const AgentKeys& keys, std::unique_ptr<PackUpload> upload);
    ~PackWriter();

    /// Seals `packed` into the pack.
    void add(BlockContent block, const Compressor::Packed& packed);

    /// The pack has reached the size at which it is to be finished.
    bool full() const;
    bool empty() const { return directory_.blocks.empty(); }
    std::uint64_t size() const { return size_; }
    const PackDirectory& directory() const { return directory_; }

    /// Writes directory and trailer and registers the pack.
    void finish();

  private:
    void write(ByteView data);
    void written(std::size_t octets);
    void flush();

    const AgentKeys& keys_;
    std::unique_ptr<PackUpload> upload_;
    PackIdentity identity_;
    SecretKey contentKey_;
    SecretKey metadataKey_;
    Bytes header_;
    PackDirectory directory_;
    std::size_t directorySize_ = 0;
    Bytes slice_;
    std::uint64_t size_ = 0;
    Sha256 hash_;
    bool broken_ = false;
};

}  // namespace coffer
