#pragma once

#include <CLI/App.hpp>
#include <functional>
#include <memory>
#include <string>

#include "management_panel/cli/forgetting.h"

namespace coffer::cli {

/// What the verbs about retention need of the program that has them.
struct RetentionVerbs {
    std::string start;  // "coffer": how examples begin

    /// Adds the option that names a repository, if the program has one, and gives its value.
    std::function<std::shared_ptr<std::string>(CLI::App& verb)> addRepository;

    using Work = std::function<int(const Forgetting&)>;

    /// Runs `work` once the command line is parsed. `changes` tells whether it changes anything.
    std::function<void(const std::string& repository, bool changes, Work work)> run;
};

/// Adds forget, unforget, tag, lock and marks.
void addRetention(CLI::App& app, const RetentionVerbs& verbs);

}  // namespace coffer::cli
