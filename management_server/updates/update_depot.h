#pragma once

#include <functional>

#include "idl/updates.hh"
#include "management_server/updates/package_shelf.h"

namespace coffer {

/// Servant of Coffer::UpdateDepot: from here agents fetch packages. Safe to share between threads.
class UpdateDepot : public POA_Coffer::UpdateDepot {
  public:
    /// `requireAgent` throws unless an agent of this server calls. The shelf outlives it.
    UpdateDepot(const PackageShelf& shelf, std::function<void()> requireAgent)
        : shelf_(shelf), requireAgent_(std::move(requireAgent)) {}

    Coffer::Octets* read(const char* version, const char* platform, Coffer::ByteCount offset,
                         CORBA::ULong length) override;

  private:
    const PackageShelf& shelf_;
    const std::function<void()> requireAgent_;
};

}  // namespace coffer
