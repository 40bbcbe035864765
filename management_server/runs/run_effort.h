#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "management_server/runs/run_record.h"

namespace coffer {

/// How often a run has been tried, and whether it gets further: what decides when it is tried
/// again. In memory only: after a restart of the server everything is tried anew. A value.
class RunEffort {
  public:
    static constexpr unsigned mostFruitless = 10;
    static constexpr std::chrono::seconds longestPause{600};

    /// An attempt has been lost, having come so far. Got further than any before: that was worth
    /// it, and the count begins again.
    void lost(const RunTexts& counts);

    unsigned fruitless() const { return fruitless_; }
    bool exhausted() const { return fruitless_ >= mostFruitless; }

    /// How long to wait before the next attempt: 1 s, doubled for each that was in vain.
    std::chrono::seconds pause() const;

  private:
    unsigned fruitless_ = 0;
    std::map<std::string, std::uint64_t> best_;
};

}  // namespace coffer
