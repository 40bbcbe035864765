#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/bytes.h"

namespace coffer {

/// Keeps what a program writes, up to a point: the beginning and the end of it. Used by one thread.
class HookOutput {
  public:
    static constexpr std::size_t kept = std::size_t{32} << 10;  // octets, at either end
    static constexpr std::size_t mostLines = 100;               // likewise

    void feed(ByteView data);

    /// Of all that was written.
    std::uint64_t octets() const { return octets_; }

    /// One or more pieces of at most 1,000 octets for each line, made safe to show, without empty
    /// ones. Where something is left out, a line says so.
    std::vector<std::string> lines() const;

  private:
    std::uint64_t octets_ = 0;
    std::string first_;
    std::string last_;  // of what came behind `first_`; up to twice as much as is kept
};

}  // namespace coffer
