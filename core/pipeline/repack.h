#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "core/base/cancel.h"
#include "core/repository/repository.h"

namespace coffer {

/// Copies chunks into new packs, sealed with new keys and signed by the server as an agent of its
/// own (serverAgent). Each new pack is read back and checked before it is registered, as verified.
/// What was not finished leaves nothing behind. Used by one thread.
class Repacker {
  public:
    /// Which chunks of a pack are copied.
    using Wanted = std::function<bool(std::uint32_t block, std::uint32_t slot)>;

    /// `session` stands in the registrations. `copied` is told the raw octets as they are copied.
    /// Enrols the server as an agent if it is none yet. All outlive it.
    Repacker(Repository& repository, const SessionId& session, const CancelToken& cancel,
             std::function<void(std::uint64_t octets)> copied = {});
    ~Repacker();

    /// Copies from one pack; each chunk is checked against its id. Whole blocks are not compressed
    /// again, small remains are joined. Throws Error(corrupt) when something wanted is damaged:
    /// what was copied before that stays in the new packs, where it does no harm.
    void copy(const PackId& pack, const Wanted& wanted);

    /// A new pack has reached its size: finish() is due.
    bool full() const;

    /// Finishes the new packs and gives those that were registered since the last call.
    std::vector<PackId> finish();

  private:
    struct Stream;
    Stream& streamFor(const DomainId& domain, ChunkKind kind);
    void copyBlock(const OpenPack& pack, const PackId& id, std::uint32_t number,
                   const Wanted& wanted);

    Repository& repository_;
    const SessionId session_;
    const CancelToken& cancel_;
    const std::function<void(std::uint64_t octets)> copied_;
    Compressor compressor_;
    Decompressor decompressor_;
    std::map<std::pair<DomainId, bool>, std::unique_ptr<Stream>> streams_;  // data apart
    std::vector<PackId> finished_;
};

}  // namespace coffer
