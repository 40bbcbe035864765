#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/guarded.h"

namespace coffer {

/// Something about one entry that did not go as it should, without ending the run.
struct Problem {
    std::string path;  // octets
    ErrorCode code = ErrorCode::ioError;
    std::string message;
};

/// Collects a run's problems; each makes it 'finished with warnings'. Safe to share.
class ProblemLog {
  public:
    /// `sink` is called for each problem as it happens, one at a time.
    explicit ProblemLog(std::function<void(const Problem&)> sink = {}) : sink_(std::move(sink)) {}

    void add(std::string path, ErrorCode code, std::string message) {
        count_.with([&](std::uint64_t& count) {
            ++count;
            if (sink_) sink_({std::move(path), code, std::move(message)});
        });
    }
    void add(std::string path, const Error& error) {
        add(std::move(path), error.code(), error.what());
    }

    std::uint64_t count() const {
        return count_.with([](const std::uint64_t& count) { return count; });
    }

  private:
    std::function<void(const Problem&)> sink_;
    Guarded<std::uint64_t> count_{std::uint64_t{0}};
};

}  // namespace coffer
