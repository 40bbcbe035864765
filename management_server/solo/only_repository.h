#pragma once

#include <memory>
#include <string>

#include "core/base/error.h"
#include "core/rpc/store/repository_provider.h"

namespace coffer::solo {

/// Under which name the servants in this process know the one repository.
constexpr const char* repositoryName = "repository";

/// Gives the repository that somebody else has opened. Safe to share.
class OnlyRepository : public rpc::RepositoryProvider {
  public:
    /// It outlives this and whatever it is given to.
    explicit OnlyRepository(Repository& repository) : repository_(repository) {}

    std::shared_ptr<Repository> open(const std::string& name) override {
        if (name != repositoryName) throw Error(ErrorCode::notFound, "no repository " + name);
        return {std::shared_ptr<void>(), &repository_};
    }
    void changed(const std::string&) override {}

  private:
    Repository& repository_;
};

}  // namespace coffer::solo
