#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "core/base/error.h"

namespace coffer::rescue {

/// Takes a line for people, printable, about each thing that is damaged, lost or incomplete.
/// Used by one thread.
class ProblemReport {
  public:
    using Sink = std::function<void(const std::string& line)>;

    explicit ProblemReport(Sink sink) : sink_(std::move(sink)) {}

    void add(const std::string& line) {
        ++count_;
        sink_(line);
    }
    std::uint64_t count() const { return count_; }

    /// Runs `work`; an Error leaving it becomes a problem: "what: error". Says whether all went
    /// well. A full disk or a request to stop is nothing to go on from and passes through.
    template <class Work>
    bool attempt(const std::string& what, Work&& work) {
        try {
            std::forward<Work>(work)();
            return true;
        } catch (const Error& error) {
            if (error.code() == ErrorCode::noSpace || error.code() == ErrorCode::cancelled) throw;
            add(what + ": " + error.what());
            return false;
        }
    }

  private:
    Sink sink_;
    std::uint64_t count_ = 0;
};

}  // namespace coffer::rescue
