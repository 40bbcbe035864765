#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/base/background_work.h"
#include "core/base/cancel.h"
#include "core/rpc/store/repository_provider.h"
#include "management_server/repositories/pack_verifier.h"

namespace coffer {

/// When a pack is to be read again, so that all are within `days`: at a time between half of them
/// and all of them that its id decides, so that packs that came on one day spread over many.
Timestamp dueAt(const PackProof& last, unsigned days);

/// Reads what a server stores again and again, a part each day, on one thread that runs only when
/// others leave it a core. When each pack was read stands in repo.db, so a restart loses at most
/// one pack. What turns out damaged becomes suspect. Safe to share between threads.
class PackRereader {
  public:
    struct Parts {
        rpc::RepositoryProvider& repositories;
        std::function<std::vector<std::string>()> names;  // of the repositories
        const Clock& clock;
        unsigned days = 30;  // within which all is read; 0: never
        std::function<void(const PackDamage&)> damaged;
    };

    /// All that is referred to outlives it.
    explicit PackRereader(Parts parts);
    ~PackRereader() { stop(); }
    PackRereader(const PackRereader&) = delete;
    PackRereader& operator=(const PackRereader&) = delete;

    /// Something may be due; for the housekeeping. Quick.
    void look();

    /// Stops within a stretch of a pack.
    void stop();

    /// Waits until nothing is due.
    void settle() { background_.settle(); }

  private:
    void readDue(const std::string& name);
    void read(Repository& repository, const std::string& name, const PackId& pack);

    const Parts parts_;
    CancelToken cancel_;
    BackgroundWork background_;
};

}  // namespace coffer
