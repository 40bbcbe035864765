#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/catalog/catalog_file.h"
#include "core/catalog/path_table.h"
#include "core/source/exclude_rules.h"

namespace coffer {

/// What is searched for in a catalogue.
struct CatalogQuery {
    std::string pattern;      // as ExcludeRules has them, but for `!`; octets
    bool ignoreCase = false;  // of the letters a to z
    std::string below = "/";  // an absolute path: what is in this folder, at whatever depth
    std::optional<EntryType> type = {};
};

/// A snapshot that an answer may speak of.
struct CatalogHolder {
    std::int64_t number = 0;  // in its source
    SnapshotId id;
    Timestamp committed;
};

/// The snapshots that answers may speak of, by number of the source; of each in ascending order.
/// Whatever else the catalogue knows is as if it were not there.
using CatalogView = std::unordered_map<std::int64_t, std::vector<CatalogHolder>>;

/// A state of an entry, and which snapshots of a source hold it.
struct CatalogHit {
    std::string path;
    CatalogEntry entry;
    std::int64_t source = 0;
    std::span<const CatalogHolder> holders;  // of the view, at least one
};

/// What a query finds, page by page: by name, then by path, each state of an entry on its own. Used
/// by one thread at a time.
class CatalogSearch {
  public:
    /// Throws Error(invalidArgument) for a pattern that is none.
    CatalogSearch(CatalogQuery query, CatalogView view);

    struct Page {
        std::vector<CatalogHit> hits;  // valid as long as the search
        bool more = false;
    };

    /// The next states, about `atMost`: those of one path are never parted. Looks no longer than
    /// until then; a page may be empty with more behind it. Every page may come from another
    /// opening of the file. Throws Error(corrupt) when that is damaged.
    Page next(CatalogFile& file, std::size_t atMost, std::chrono::steady_clock::time_point until);

  private:
    class Look;

    /// Which names are looked at: [first, end), all of them when empty.
    struct Names {
        std::string first;
        std::string end;  // empty: to the last
    };

    /// Behind what was looked at last.
    struct Position {
        std::string name;
        std::int64_t path = 0;  // of that name
    };

    const CatalogQuery query_;
    const CatalogView view_;
    ExcludeRules rules_;
    std::optional<GlobPart> name_;          // nothing: any
    std::string inEachName_;                // stands in every name that matches
    std::optional<std::string> wholePath_;  // the pattern names this one alone
    Names names_;
    Position position_;
    bool ended_ = false;
};

}  // namespace coffer
