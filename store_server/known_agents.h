#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/base/guarded.h"
#include "core/rpc/caller.h"
#include "core/rpc/store/agent_list.h"
#include "core/storage/disk.h"

namespace coffer {

/// The agents that may come in, as the server's file says at this moment: a change counts from the
/// next handshake or call on. While the file is missing or no list, nobody may. Safe to share
/// between threads.
class KnownAgents {
  public:
    /// The disk outlives it.
    KnownAgents(Disk& disk, std::string file) : disk_(disk), file_(std::move(file)) {}

    /// For OrbSettings::accepts: agents alone.
    bool accepts(const CertificateFacts& peer) const noexcept;

    /// The caller, of an agent with the name that it has now instead of that of its certificate.
    rpc::Caller asKnown(rpc::Caller caller) const;

  private:
    struct State {
        std::shared_ptr<DiskReader>
            file;  // that was read; named() as long as it is the present one
        rpc::AgentList agents;
        bool told = false;  // that it cannot be read
    };
    std::optional<std::string> nameOf(const CertificateFacts& peer) const;
    void readAgain(State& state) const;

    Disk& disk_;
    const std::string file_;
    mutable Guarded<State> state_;
};

}  // namespace coffer
