#pragma once

#include <memory>

#include "core/repository/repository.h"
#include "management_panel/cli/browsing.h"
#include "management_panel/cli/forgetting.h"
#include "management_server/solo/context.h"

namespace coffer::solo {

/// The SnapshotManager of a coffer-server and the client of coffer, in this process: the same
/// servant over one repository behind an embedded ORB. Calls are made directly; no port is opened.
/// One at a time in a process, as the ORB has it. Used by one thread.
class CollocatedSnapshots {
  public:
    /// It outlives this. Throws Error(conflict) when there is an ORB in this process already.
    explicit CollocatedSnapshots(Repository& repository);

    ~CollocatedSnapshots();
    CollocatedSnapshots(const CollocatedSnapshots&) = delete;
    CollocatedSnapshots& operator=(const CollocatedSnapshots&) = delete;

    /// What coffer does with snapshots; valid as long as this.
    cli::Browsing browsing(const Context& context) const;
    cli::Forgetting forgetting(const Context& context) const;

  private:
    class Parts;

    std::unique_ptr<Parts> parts_;
};

}  // namespace coffer::solo
