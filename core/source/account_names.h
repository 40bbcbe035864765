#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "core/base/guarded.h"

namespace coffer {

/// Names of users and groups by number, asked of the system once each. Safe to share.
class AccountNames {
  public:
    /// The name, or empty when the number has none or the system cannot tell just now.
    std::string user(std::uint32_t uid);
    std::string group(std::uint32_t gid);

  private:
    using Names = std::unordered_map<std::uint32_t, std::string>;
    Guarded<Names> users_;
    Guarded<Names> groups_;
};

}  // namespace coffer
