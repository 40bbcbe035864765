#include <algorithm>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/service/settings_file.h"

namespace coffer {

namespace {

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t\r");
    if (begin == text.npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

std::vector<std::string> linesOf(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

bool isHead(std::string_view line) {
    return trimmed(line).starts_with('[');
}

// "key = value"
bool sets(std::string_view line, std::string_view key) {
    const std::size_t equals = line.find('=');
    return equals != line.npos && trimmed(line.substr(0, equals)) == key;
}

bool setsInComment(std::string_view line, std::string_view key) {
    const std::string_view text = trimmed(line);
    return text.starts_with(';') && sets(text.substr(1), key);
}

}  // namespace

std::string SettingsFile::edited(const std::string& text, const std::string& name,
                                 const std::string& value) {
    if (value.find_first_of("\r\n") != value.npos) {
        throw Error(ErrorCode::invalidArgument, name + ": a value has one line");
    }
    const auto dot = name.find('.');
    const std::string head = "[" + name.substr(0, dot) + "]";
    const std::string key = name.substr(dot + 1);
    const std::string made = key + " = " + value;

    std::vector<std::string> lines = linesOf(text);
    const auto isOurs = [&](const std::string& line) { return trimmed(line) == head; };
    const auto found = std::ranges::find_if(lines, isOurs);
    if (found == lines.end()) {
        lines.insert(lines.end(), {head, made});
    } else {
        const auto begin = found + 1;
        const auto end = std::find_if(begin, lines.end(), isHead);
        auto line = std::find_if(begin, end, [&](const auto& its) { return sets(its, key); });
        if (line == end) {
            line =
                std::find_if(begin, end, [&](const auto& its) { return setsInComment(its, key); });
        }
        if (line == end) {
            lines.insert(begin, made);
        } else {
            *line = made;
        }
    }
    std::string result;
    for (const std::string& line : lines) result += line + "\n";
    return result;
}

}  // namespace coffer
