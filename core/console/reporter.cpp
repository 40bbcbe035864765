#include "core/console/reporter.h"

#include <iostream>

#include "core/base/printable.h"
#include "core/console/json.h"
#include "core/console/terminal.h"

namespace coffer {

namespace {

constexpr const char* clearLine = "\r\x1b[K";

Json jsonOf(const Warning& warning) {
    Json object = Json::object();
    putOctets(object, "path", warning.path);
    object["code"] = nameOf(warning.code);
    putOctets(object, "message", warning.message);
    return object;
}

}  // namespace

Reporter::Reporter(const OutputOptions& options)
    : json_(options.json), quiet_(options.quiet), redraws_(!json_ && errorIsTerminal()) {}

void Reporter::warn(const Warning& warning) {
    if (json_) {
        write(Json{{"warning", jsonOf(warning)}}.dump());
    } else {
        const std::string path = warning.path.empty() ? "" : printable(warning.path) + ": ";
        write("warning: " + path + warning.message);
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

void reportError(const std::string& program, const Error& error, bool json) {
    if (json) {
        printJson(std::cerr, {{"error", jsonOf(error)}});
    } else {
        std::cerr << program << ": " << error.what() << '\n';
    }
}

}  // namespace coffer
