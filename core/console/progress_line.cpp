#include "core/console/progress_line.h"

#include <algorithm>
#include <limits>

#include "core/console/format.h"
#include "core/console/json.h"
#include "core/console/terminal.h"

namespace coffer {

namespace {

using namespace std::chrono_literals;

std::uint64_t percentOf(const ProgressSample& sample) {
    // The total may be an estimate: the end is when the run says so.
    return std::min<std::uint64_t>(
        99, static_cast<std::uint64_t>(100 * static_cast<double>(sample.bytes) /
                                       static_cast<double>(sample.totalBytes)));
}

std::string jsonLine(const std::string& verb, const ProgressSample& sample) {
    Json object{{"verb", verb},
                {"files", sample.files},
                {"bytes", sample.bytes},
                {"totalBytes", sample.totalBytes ? Json(sample.totalBytes) : Json()},
                {"seconds", sample.seconds}};
    if (!sample.phase.empty()) object["phase"] = sample.phase;
    return Json{{"progress", std::move(object)}}.dump();
}

std::string numbersText(const ProgressSample& sample) {
    std::string text;
    if (sample.totalBytes > 0) text += "  " + std::to_string(percentOf(sample)) + " %";
    text += "  " + countText(sample.files, "file") + "  " + sizeText(sample.bytes) + "  " +
            rateText(sample.bytes, sample.seconds);
    if (sample.totalBytes > sample.bytes && sample.bytes > 0 && sample.seconds >= 1) {
        const double left = static_cast<double>(sample.totalBytes - sample.bytes) /
                            static_cast<double>(sample.bytes) * sample.seconds;
        text += "  " + durationText(left) + " left";
    }
    return text;
}

}  // namespace

std::string progressText(const std::string& verb, const ProgressSample& sample, unsigned width) {
    std::string text = verb + (sample.phase.empty() ? numbersText(sample) : "  " + sample.phase);
    if (text.size() >= width) text.resize(width > 0 ? width - 1 : 0);
    return text;
}

ProgressLine::ProgressLine(std::string verb, std::function<ProgressSample()> look,
                           Reporter& reporter, const OutputOptions& options)
    : verb_(std::move(verb)),
      look_(std::move(look)),
      reporter_(reporter),
      json_(options.json),
      start_(std::chrono::steady_clock::now()) {
    if (options.quiet) return;
    const auto interval = reporter_.redraws() ? 250ms : 10000ms;
    thread_ = std::jthread([this, interval](const std::stop_token& stop) {
        std::unique_lock lock(mutex_);
        while (!stopping_.wait_for(lock, stop, interval, [&] { return stop.stop_requested(); })) {
            show();
        }
    });
}

ProgressLine::~ProgressLine() {
    if (!thread_.joinable()) return;
    thread_.request_stop();
    thread_.join();
    if (reporter_.redraws()) reporter_.progress("");
}

double ProgressLine::seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

void ProgressLine::show() {
    ProgressSample sample = look_();
    sample.seconds = seconds();
    const unsigned width =
        reporter_.redraws() ? terminalWidth() : std::numeric_limits<unsigned>::max();
    reporter_.progress(json_ ? jsonLine(verb_, sample) : progressText(verb_, sample, width));
}

}  // namespace coffer
