#pragma once

#include <list>
#include <utility>
#include <vector>

#include "core/base/cancel.h"
#include "core/base/guarded.h"
#include "management_server/runs/agent_folder.h"

namespace coffer {

/// Who works on which folders of agents: where one writes, nobody else reads or writes. Safe to
/// share between threads.
class FolderClaims {
  public:
    struct Use {
        AgentFolder folder;
        bool writes = false;
    };
    using Uses = std::vector<Use>;

    /// Has the folders as long as it lives.
    class Claim {
      public:
        Claim(FolderClaims& claims, std::list<Uses>::iterator place)
            : claims_(claims), place_(place) {}
        ~Claim() {
            claims_.held_.change([this](std::list<Uses>& held) { held.erase(place_); });
        }
        Claim(const Claim&) = delete;
        Claim& operator=(const Claim&) = delete;

      private:
        FolderClaims& claims_;
        const std::list<Uses>::iterator place_;
    };

    /// Waits until nobody is in the way. Throws Error(cancelled) when a stop is asked for.
    Claim take(const Uses& uses, const CancelToken& cancel);

  private:
    Guarded<std::list<Uses>> held_;
};

}  // namespace coffer
