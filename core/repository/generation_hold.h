#pragma once

#include "core/repository/repository.h"

namespace coffer {

/// Notes in the ledger that something runs which began at the present generation: no pack that is
/// condemned from now on is deleted as long as this exists. Needs a repository open for writing,
/// which outlives it.
class GenerationHold {
  public:
    explicit GenerationHold(Repository& repository, const AgentId& agent = {});
    GenerationHold(const GenerationHold&) = delete;
    GenerationHold& operator=(const GenerationHold&) = delete;
    ~GenerationHold();

    const SessionId& session() const { return session_; }

    /// The one at its begin, or an earlier one.
    std::uint64_t generation() const { return generation_; }

  private:
    void end() noexcept;

    Repository& repository_;
    const SessionId session_;
    const std::uint64_t generation_;
};

}  // namespace coffer
