#include "management_server/solo/run_view.h"

#include <algorithm>

namespace coffer::solo {

ProgressSample sampleOf(const RunProgress& progress) {
    ProgressSample sample;
    sample.files = progress.files;
    // A file that is being worked on shows in what was read before it shows in what is done.
    sample.bytes = std::max(progress.bytes.load(), progress.readBytes.load());
    sample.totalBytes = progress.totalBytes;
    return sample;
}

Warning warningOf(const Problem& problem) {
    return {problem.path, problem.code, problem.message};
}

}  // namespace coffer::solo
