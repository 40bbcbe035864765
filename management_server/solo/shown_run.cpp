#include "management_server/solo/shown_run.h"

#include <algorithm>

namespace coffer::solo {

ProgressSample sampleOf(const RunProgress& progress) {
    ProgressSample sample;
    sample.files = progress.files;
    sample.bytes = std::max(progress.bytes.load(), progress.readBytes.load());
    sample.totalBytes = progress.totalBytes;
    return sample;
}

ShownRun::ShownRun(const std::string& verb, Reporter& reporter, const OutputOptions& options)
    : problems([&reporter](const Problem& problem) {
          reporter.warn({problem.path, problem.code, problem.message});
      }),
      line_(
          std::in_place, verb, [this] { return sampleOf(progress); }, reporter, options) {}

double ShownRun::end() {
    const double seconds = line_->seconds();
    line_.reset();
    return seconds;
}

}  // namespace coffer::solo
