#pragma once

#include <optional>
#include <string>

#include "core/console/progress_line.h"
#include "core/pipeline/problem_log.h"
#include "core/pipeline/run_progress.h"

namespace coffer::solo {

/// How far a run is; what is read of a file counts before the file is done.
ProgressSample sampleOf(const RunProgress& progress);

/// A run in this process, as the console shows it while it lives: a line of progress, and a warning
/// for each problem. Made, and ended, by one thread.
class ShownRun {
  public:
    /// `reporter` outlives it; `verb` stands before the progress.
    ShownRun(const std::string& verb, Reporter& reporter, const OutputOptions& options);

    /// Takes the line away. Gives the seconds since it was made.
    double end();

    RunProgress progress{};
    ProblemLog problems;

  private:
    std::optional<ProgressLine> line_;  // looks at the progress
};

}  // namespace coffer::solo
