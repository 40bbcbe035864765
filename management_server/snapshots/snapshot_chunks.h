#pragma once

#include <list>
#include <memory>

#include "core/base/guarded.h"
#include "core/repository/chunk_source.h"
#include "core/snapshot/snapshot_reader.h"

namespace coffer {

/// Readers that are not in use, with the blocks that they opened last, so that who browses page by
/// page, call by call, finds them opened. Safe to share between threads.
class ReaderPool {
  public:
    /// A reader of a dedup domain that is used by one thread until it is given back.
    struct Reader {
        std::shared_ptr<Repository> repository;
        DomainId domain;
        std::unique_ptr<SnapshotReader> reader;
    };

    Reader take(const std::shared_ptr<Repository>& repository, const DomainId& domain);
    void giveBack(Reader reader);

    /// Drops all that are not in use; for the housekeeping.
    void clear();

  private:
    using Readers = std::list<Reader>;  // newest first
    Guarded<Readers> idle_;
};

/// Chunks of one dedup domain, read with whatever reader of the pool is free. Holds nothing else,
/// so an iterator may keep it as long as it likes. Safe to share between threads.
class SnapshotChunks : public ChunkSource {
  public:
    /// The pool outlives it.
    SnapshotChunks(ReaderPool& pool, std::shared_ptr<Repository> repository, const DomainId& domain)
        : pool_(pool), repository_(std::move(repository)), domain_(domain) {}

    Bytes read(const ChunkId& id) override;
    void view(const ChunkId& id, const std::function<void(ByteView)>& use) override;

  private:
    ReaderPool& pool_;
    const std::shared_ptr<Repository> repository_;
    const DomainId domain_;
};

}  // namespace coffer
