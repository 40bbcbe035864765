#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/console/reporter.h"
#include "idl/management.hh"

namespace coffer::cli {

/// Retention rules by name and value (docs/retention.md).
using Rules = std::vector<std::pair<std::string, std::string>>;

/// Marks snapshots of one repository and forgets them, wherever their server is, and tells on
/// standard output what was done. Each verb looks all names up before it changes anything, and
/// gives the exit code. All throw Error as the operations of management.idl do. Used by one thread.
class Forgetting {
  public:
    /// The server outlives it.
    Forgetting(Coffer::SnapshotManager_ptr manager, const std::string& repository,
               const OutputOptions& options)
        : manager_(manager), repository_(repository), options_(options) {}

    int forget(const std::vector<std::string>& names, bool forGood) const;
    int bringBack(const std::vector<std::string>& names) const;

    int preview(const Rules& rules) const;
    int previewTask(const std::string& task) const;  // in whatever repository it is
    int apply(const Rules& rules, bool forGood) const;

    int tag(const std::vector<std::string>& names, const std::vector<std::string>& add,
            const std::vector<std::string>& remove) const;

    /// `until` is a day, "2027-01-31": its beginning in local time. Throws Error(invalidArgument).
    int lock(const std::vector<std::string>& names, const std::string& until) const;

    /// Tags, locks and what can be brought back; or the latter alone.
    int listMarks(bool forgottenAlone) const;

  private:
    std::vector<std::string> lookUp(const std::vector<std::string>& names) const;
    std::string lookUpUnreadable(const std::string& name) const;
    std::vector<std::string> lookUpAmongAll(const std::vector<std::string>& names) const;
    Coffer::SnapshotMarks_var marks() const;
    int tell(const char* done, const std::vector<std::string>& ids, const char* note) const;
    void show(const Coffer::RetentionVerdicts& verdicts, bool done) const;

    Coffer::SnapshotManager_ptr manager_;
    const std::string repository_;
    const OutputOptions options_;
};

}  // namespace coffer::cli
