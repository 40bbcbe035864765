#include "management_server/solo/reporter.h"

#include <iostream>

#include "core/base/printable.h"
#include "management_server/solo/json_output.h"
#include "management_server/solo/process.h"

namespace coffer::solo {

namespace {

constexpr const char* clearLine = "\r\x1b[K";

}  // namespace

Reporter::Reporter(const GlobalOptions& options)
    : json_(options.json), quiet_(options.quiet), redraws_(!json_ && errorIsTerminal()) {}

void Reporter::warn(const Problem& problem) {
    if (json_) {
        write(Json{{"warning", jsonOf(problem)}}.dump());
    } else {
        const std::string path = problem.path.empty() ? "" : printable(problem.path) + ": ";
        write("warning: " + path + problem.message);
    }
}

void Reporter::warn(const std::string& message) {
    warn({"", ErrorCode::ioError, message});
}

void Reporter::note(const std::string& message) {
    if (quiet_) return;
    write(json_ ? Json{{"note", message}}.dump() : "note: " + message);
}

void Reporter::progress(const std::string& line) {
    const std::lock_guard lock(mutex_);
    if (!redraws_) {
        if (!line.empty()) std::cerr << line + '\n' << std::flush;
    } else if (line != drawn_) {
        std::cerr << clearLine + line << std::flush;
        drawn_ = line;
    }
}

void Reporter::write(const std::string& line) {
    const std::lock_guard lock(mutex_);
    std::string text = line + '\n';
    if (!drawn_.empty()) text = clearLine + text + drawn_;
    std::cerr << text << std::flush;
}

void reportError(const Error& error, bool json) {
    if (json) {
        printJson(std::cerr, {{"error", jsonOf(error)}});
    } else {
        std::cerr << "coffer-solo: " << error.what() << '\n';
    }
}

}  // namespace coffer::solo
