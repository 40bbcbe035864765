#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "core/console/reporter.h"

namespace coffer {

/// One look at a run's progress.
struct ProgressSample {
    std::uint64_t files = 0;
    std::uint64_t bytes = 0;
    std::uint64_t totalBytes = 0;  // 0 while unknown
    double seconds = 0;            // since the run began
    std::string phase{};           // "queued"…: in place of numbers; empty while it runs
};

/// "backup  71 %  80,120 files  1.10 GiB  412 MB/s  2:05 min left", cut to `width` columns.
std::string progressText(const std::string& verb, const ProgressSample& sample, unsigned width);

/// Shows a run's progress while it lives: on a terminal one line, at most 4 times a second;
/// elsewhere a line every 10 seconds. `look` is called for each by a thread of its own; its
/// `seconds` are filled in. `reporter` outlives it.
class ProgressLine {
  public:
    ProgressLine(std::string verb, std::function<ProgressSample()> look, Reporter& reporter,
                 const OutputOptions& options);
    ~ProgressLine();
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    /// Seconds since it was made.
    double seconds() const;

  private:
    void show();

    const std::string verb_;
    const std::function<ProgressSample()> look_;
    Reporter& reporter_;
    const bool json_;
    const std::chrono::steady_clock::time_point start_;
    std::mutex mutex_;
    std::condition_variable_any stopping_;
    std::jthread thread_;
};

}  // namespace coffer
