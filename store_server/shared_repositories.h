#pragma once

#include <map>
#include <memory>
#include <string>

#include "core/base/guarded.h"
#include "core/rpc/store/handed_over.h"
#include "core/rpc/store/repository_provider.h"
#include "core/storage/disk.h"

namespace coffer {

/// The repositories of a server, for a store that runs beside it: each is opened once, as one of
/// two programs that share it, and stays open. Safe to share between threads; opening one keeps
/// nobody from another.
class SharedRepositories : public rpc::RepositoryProvider {
  public:
    /// Nothing is opened yet. Disk and clock outlive it.
    SharedRepositories(Disk& disk, std::string folder, const Clock& clock)
        : disk_(disk), folder_(std::move(folder)), clock_(clock) {}

    /// Opens it, recovers when a write to it has failed, and takes in what the server has recorded.
    /// Throws Error(notFound), (conflict) for one that is removed, (busy), and what opening throws.
    std::shared_ptr<Repository> open(const std::string& name) override;

    /// Lets go of those that are removed and that nobody uses: the server waits for it.
    void closeRemoved();

    /// Nobody waits for it here: the server looks by itself.
    void changed(const std::string&) override {}

  private:
    struct Folder;
    struct Opened;
    using Slot = Guarded<std::shared_ptr<Opened>>;
    std::shared_ptr<Slot> slotOf(const std::string& name);

    Disk& disk_;
    const std::string folder_;
    const Clock& clock_;
    Guarded<std::map<std::string, std::shared_ptr<Slot>>> slots_;
};

}  // namespace coffer
