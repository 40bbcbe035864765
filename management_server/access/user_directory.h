#pragma once

#include <optional>
#include <string>
#include <vector>

namespace coffer {

/// Users that are kept elsewhere. Safe to share between threads.
class UserDirectory {
  public:
    virtual ~UserDirectory() = default;

    /// The names of the user's groups as Coffer is to see them, maybe none; nothing for a user or
    /// password that is wrong. Throws Error(unavailable) when the directory cannot be asked,
    /// (limitExceeded) with retryAfter when it is asked too much.
    virtual std::optional<std::vector<std::string>> verify(const std::string& name,
                                                           const std::string& password) const = 0;
};

}  // namespace coffer
