#pragma once

#include <memory>
#include <string>

#include "core/repository/repository.h"

namespace coffer::rpc {

/// The repositories of a server by name, opened for writing. Safe to share between threads.
class RepositoryProvider {
  public:
    virtual ~RepositoryProvider() = default;

    /// Opens it on the first call and keeps it open. After a failed write it is recovered; one that
    /// cannot be just now can still be read. Throws Error(notFound), (busy)….
    virtual std::shared_ptr<Repository> open(const std::string& name) = 0;

    /// A snapshot was committed there, or many packs wait for it: something to verify.
    virtual void changed(const std::string& name) = 0;
};

}  // namespace coffer::rpc
