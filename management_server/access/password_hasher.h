#pragma once

#include <cstddef>
#include <string>

#include "core/base/guarded.h"

namespace coffer {

/// What keeps passwords; an interface so that tests count. Safe to share between threads.
class PasswordHasher {
  public:
    virtual ~PasswordHasher() = default;

    /// What is kept of a password. Throws Error(limitExceeded) with retryAfter when too many are
    /// being worked on.
    virtual std::string hash(const std::string& password) const = 0;

    /// Whether `kept` is of this password; costs as much as hash() and throws as it does.
    virtual bool matches(const std::string& kept, const std::string& password) const = 0;
};

/// What one Argon2id costs.
struct PasswordCost {
    unsigned long long passes = 3;
    std::size_t memory = 64 << 20;  // octets
};

/// Argon2id (RFC 9106). Works on two passwords at a time and lets a few wait, so that a flood of
/// logins takes neither all memory nor all threads.
class Argon2Hasher : public PasswordHasher {
  public:
    explicit Argon2Hasher(const PasswordCost& cost = {}) : cost_(cost) {}

    std::string hash(const std::string& password) const override;
    bool matches(const std::string& kept, const std::string& password) const override;

  private:
    struct Load {
        unsigned waiting = 0;
        unsigned working = 0;
    };
    class Turn;

    const PasswordCost cost_;
    mutable Guarded<Load> load_;
};

}  // namespace coffer
