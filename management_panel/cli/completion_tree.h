#pragma once

#include <CLI/App.hpp>
#include <string>
#include <vector>

namespace coffer::cli {

/// A word of the command line with what it is for, in one line of plain text.
struct CompletionWord {
    std::string word;
    std::string about;
    bool takesValue = false;
    std::vector<std::string> values;  // the only ones possible; empty: any
};

/// What may follow a verb.
struct CompletionLevel {
    std::string path;  // "" for the program itself, "/repo/init"
    std::vector<CompletionWord> verbs;
    std::vector<CompletionWord> options;
};

/// Every verb on all levels, the program itself first; options that are valid for all are on each.
std::vector<CompletionLevel> completionLevels(const CLI::App& app);

}  // namespace coffer::cli
