#include "management_server/solo/backup_paths.h"

#include <boost/filesystem.hpp>
#include <cerrno>
#include <fstream>
#include <iterator>

#include "core/base/error.h"
#include "core/base/printable.h"

namespace coffer::solo {

namespace {

// An even number of backslashes before the end escape each other, not what follows.
bool endsEscaped(std::string_view text) {
    const std::size_t last = text.find_last_not_of('\\');
    const std::size_t count = last == std::string_view::npos ? text.size() : text.size() - last - 1;
    return count % 2 == 1;
}

std::string_view withoutTrailingSpaces(std::string_view line) {
    while (line.ends_with(' ') && !endsEscaped(line.substr(0, line.size() - 1))) {
        line.remove_suffix(1);
    }
    return line;
}

}  // namespace

std::string resolvedPath(const std::string& path) {
    boost::system::error_code error;
    const auto resolved = boost::filesystem::canonical(path, error);
    if (error) throw Error::fromErrno(error.value(), printable(path));
    return resolved.native();
}

std::string patternOf(const std::string& folder) {
    std::string pattern;
    for (const char c : folder) {
        if (c == '*' || c == '?' || c == '[' || c == '\\' || c == ' ') pattern += '\\';
        pattern += c;
    }
    return pattern + "/";
}

std::vector<std::string> patternsIn(std::string_view text) {
    std::vector<std::string> patterns;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        line = withoutTrailingSpaces(line);
        if (!line.empty() && !line.starts_with('#')) patterns.emplace_back(line);
    }
    return patterns;
}

std::vector<std::string> patternsFrom(const std::string& file) {
    errno = 0;
    std::ifstream in(file, std::ios::binary);
    if (!in) throw Error::fromErrno(errno ? errno : EIO, "exclude file " + printable(file));
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    if (in.bad()) throw Error::fromErrno(errno ? errno : EIO, "exclude file " + printable(file));
    return patternsIn(text);
}

}  // namespace coffer::solo
