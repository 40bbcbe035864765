#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/base/cancel.h"
#include "core/console/reporter.h"
#include "idl/management.hh"
#include "management_panel/cli/found_entries.h"
#include "management_panel/cli/snapshot_view.h"

namespace coffer::cli {

/// The snapshots of one repository, wherever their server is, and what verbs tell of them on
/// standard output. Each verb gives the exit code: exitWarnings when there was something that could
/// not be read, which is told on standard error. All throw Error as the operations of
/// management.idl do, (invalidArgument) for a path that makes no sense, (cancelled). Places are
/// SNAPSHOT or SNAPSHOT:PATH. Used by one thread.
class Browsing {
  public:
    /// The server and what is referred to outlive it. `requests` for content are in flight at a
    /// time (client::readAhead).
    Browsing(Coffer::SnapshotManager_ptr manager, const std::string& repository,
             const OutputOptions& options, const CancelToken& cancel, unsigned requests = 2)
        : manager_(manager),
          repository_(repository),
          options_(options),
          cancel_(cancel),
          requests_(requests) {}

    /// All of it, also of one with very many paths.
    Coffer::SnapshotInfo get(const std::string& snapshot) const;

    int list(Origin origin) const;

    struct Form {
        bool details = false;    // as ls -l
        bool recursive = false;  // with all below
    };
    int listFolder(const std::string& place, Form form) const;

    /// In these snapshots, or in all.
    int find(const std::string& pattern, const std::vector<std::string>& snapshots) const;

    /// The same behind what has been printed already; `shows` chooses among what is found.
    int findMore(const std::string& pattern, const Coffer::Strings& snapshots,
                 FoundEntries& entries,
                 const std::function<bool(const Coffer::Finding&)>& shows) const;

    int compare(const std::string& before, const std::string& after) const;

    /// The content of a file, as it is.
    int writeOut(const std::string& place) const;

  private:
    std::uint64_t listTree(const std::string& snapshot, const std::string& path, Form form) const;

    Coffer::SnapshotManager_ptr manager_;
    const std::string repository_;
    const OutputOptions options_;
    const CancelToken& cancel_;
    const unsigned requests_;
};

}  // namespace coffer::cli
