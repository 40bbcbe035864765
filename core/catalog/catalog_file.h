#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/repository/ids.h"
#include "core/repository/sqlite.h"
#include "core/source/attributes.h"

namespace coffer {

/// What the catalogue knows of a state of an entry.
struct CatalogEntry {
    EntryType type = EntryType::file;
    std::uint64_t size = 0;  // octets, of files; up to 2^63 - 1
    Timestamp modified;

    bool operator==(const CatalogEntry&) const = default;
};

/// Which source: an agent, what it backs up, and by which keys its trees are named.
struct CatalogSource {
    AgentId agent;
    Digest paths;  // of the dedup domain and the paths

    auto operator<=>(const CatalogSource&) const = default;

    static CatalogSource of(const AgentId& agent, const DomainId& domain,
                            std::vector<std::string> paths);
};

/// A snapshot in the catalogue. Those of a source have ascending numbers from 1 on, which are never
/// given twice.
struct CatalogSnapshot {
    std::int64_t source = 0;  // number of the source
    std::int64_t number = 0;
    SnapshotId id;
    bool whole = false;  // all of it was read
};

/// The file of a catalogue (docs/catalog.md): which entries are in which snapshots of a repository.
/// Used by one thread at a time; several may have the same file open, one of them to change it.
class CatalogFile {
  public:
    /// Opens it; makes it when it is missing. Throws Error(corrupt) for a file that is no
    /// catalogue, (unsupported) for one of another schema, (conflict) for another repository's.
    CatalogFile(const std::string& path, const RepositoryId& repository);

    SqlDatabase& database() { return database_; }

    /// Reads the whole file; `look` is called all the while and may throw, to end it. Throws
    /// Error(corrupt) when the file is damaged.
    void check(const std::function<void()>& look = [] {}) const;

    /// Another one in every file that was ever made: numbers of sources mean nothing in others.
    std::int64_t incarnation() const { return incarnation_; }

    /// All that it knows, by source and number.
    std::vector<CatalogSnapshot> snapshots();

    /// Those of a source, the newest first, to the first one that was read whole.
    std::vector<CatalogSnapshot> newest(std::int64_t source);

    AgentId agentOf(std::int64_t source);  // Error(corrupt) without such a source

    /// The number of a source, which becomes known.
    std::int64_t sourceOf(const CatalogSource& source);

    /// The number under which a snapshot is being read: a new one, unless this has begun already.
    std::int64_t begin(std::int64_t source, const SnapshotId& id);

    /// Removes the file and what SQLite keeps beside it, if there is one. Nobody opens it
    /// meanwhile.
    static void remove(const std::string& path);

  private:
    void create(const RepositoryId& repository);
    void load(const RepositoryId& repository);

    const std::string path_;
    SqlDatabase database_;
    std::int64_t incarnation_ = 0;
};

}  // namespace coffer
