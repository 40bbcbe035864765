#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "core/pipeline/run_progress.h"
#include "management_server/solo/reporter.h"

namespace coffer::solo {

/// One look at a run's progress.
struct ProgressSample {
    std::uint64_t files = 0;
    std::uint64_t bytes = 0;
    std::uint64_t totalBytes = 0;  // 0 while unknown
    double seconds = 0;            // since the run began
};

/// "backup  71 %  80,120 files  1.10 GiB  412 MB/s  2:05 min left", cut to `width` columns.
std::string progressText(const std::string& verb, const ProgressSample& sample, unsigned width);

/// Shows a run's progress while it lives: on a terminal one line, at most 4 times a second;
/// elsewhere a line every 10 seconds. `progress` and `reporter` outlive it.
class ProgressLine {
  public:
    ProgressLine(std::string verb, const RunProgress& progress, Reporter& reporter,
                 const GlobalOptions& options);
    ~ProgressLine();
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    /// Seconds since it was made.
    double seconds() const;

  private:
    void show();

    const std::string verb_;
    const RunProgress& progress_;
    Reporter& reporter_;
    const bool json_;
    const std::chrono::steady_clock::time_point start_;
    std::mutex mutex_;
    std::condition_variable_any stopping_;
    std::jthread thread_;
};

}  // namespace coffer::solo
