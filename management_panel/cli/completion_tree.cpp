#include "management_panel/cli/completion_tree.h"

#include <algorithm>
#include <utility>

namespace coffer::cli {

namespace {

std::string inOneLine(std::string text) {
    std::ranges::replace(text, '\n', ' ');
    return text;
}

// CLI11 tells the possible values as "HOW:{never,older,always}".
std::vector<std::string> valuesOf(const std::string& typeName) {
    const std::size_t begin = typeName.find('{');
    const std::size_t end = typeName.find('}', begin);
    if (begin == std::string::npos || end == std::string::npos) return {};
    std::vector<std::string> values;
    for (std::size_t at = begin + 1; at < end;) {
        const std::size_t next = std::min(typeName.find(',', at), end);
        values.push_back(typeName.substr(at, next - at));
        at = next + 1;
    }
    return values;
}

void addOptions(const CLI::App& app, std::vector<CompletionWord>& words) {
    for (const CLI::Option* option : app.get_options()) {
        const bool takesValue = option->get_items_expected_max() > 0;
        const auto add = [&](const std::string& word) {
            words.push_back({word, inOneLine(option->get_description()), takesValue,
                             valuesOf(option->get_type_name())});
        };
        for (const std::string& name : option->get_snames()) add("-" + name);
        for (const std::string& name : option->get_lnames()) add("--" + name);
    }
}

}  // namespace

std::vector<CompletionLevel> completionLevels(const CLI::App& app) {
    std::vector<CompletionLevel> levels;
    std::vector<std::pair<const CLI::App*, std::string>> waiting{{&app, ""}};
    while (!waiting.empty()) {
        const auto [verb, path] = waiting.back();
        waiting.pop_back();
        CompletionLevel level{path, {}, {}};
        for (const CLI::App* below : verb->get_subcommands({})) {
            level.verbs.push_back(
                {below->get_name(), inOneLine(below->get_description()), false, {}});
            waiting.emplace_back(below, path + "/" + below->get_name());
        }
        addOptions(*verb, level.options);
        if (verb != &app) addOptions(app, level.options);
        levels.push_back(std::move(level));
    }
    std::ranges::sort(levels, {}, &CompletionLevel::path);
    return levels;
}

}  // namespace coffer::cli
