// tree-compare A B: are two trees the same, to the last attribute?
// Exit code 0: they are; 1: they differ; 2: they could not be compared.

#include <charconv>
#include <cstdint>
#include <exception>
#include <iostream>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "tools/tree_compare/tree_compare.h"

namespace {

constexpr std::string_view usage =
    "usage: tree-compare [--ignore-mtime-of-root] [--max-report N] [--] A B\n"
    "Compares two trees octet by octet and attribute by attribute. Prints a line per difference\n"
    "(at most N of them) and a summary. Exit code 0: same, 1: different, 2: error.\n";

struct Arguments {
    coffer::TreeCompareOptions options;
    std::uint64_t mostLines = std::numeric_limits<std::uint64_t>::max();
    std::vector<std::string> trees;
};

std::uint64_t numberOf(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) {
        throw coffer::Error(coffer::ErrorCode::invalidArgument, "--max-report takes a number");
    }
    return number;
}

/// Nothing when the usage has to be shown.
std::optional<Arguments> parse(const std::vector<std::string>& words) {
    Arguments arguments;
    bool optionsEnded = false;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const auto& word = words[i];
        if (optionsEnded || !word.starts_with('-')) {
            arguments.trees.push_back(word);
        } else if (word == "--") {
            optionsEnded = true;
        } else if (word == "--ignore-mtime-of-root") {
            arguments.options.ignoreMtimeOfRoot = true;
        } else if (word == "--max-report" && i + 1 < words.size()) {
            arguments.mostLines = numberOf(words[++i]);
        } else {
            return std::nullopt;
        }
    }
    if (arguments.trees.size() != 2) return std::nullopt;
    return arguments;
}

int run(const Arguments& arguments) {
    std::uint64_t lines = 0;
    const auto result = coffer::compareTrees(arguments.trees[0], arguments.trees[1],
                                             arguments.options, [&](const std::string& line) {
                                                 if (lines++ < arguments.mostLines)
                                                     std::cout << line << '\n';
                                             });
    std::cout << result.entries << " entries compared, " << result.differences << " differences\n";
    if (!std::cout.flush()) {
        throw coffer::Error(coffer::ErrorCode::ioError, "cannot write the report");
    }
    return result.differences == 0 ? 0 : 1;
}

}  // namespace

int main(int count, char** words) {
    try {
        const auto arguments = parse(std::vector<std::string>(words + 1, words + count));
        if (arguments) return run(*arguments);
        std::cerr << usage;
    } catch (const std::exception& error) {
        std::cerr << "tree-compare: " << error.what() << '\n';
    }
    return 2;
}
