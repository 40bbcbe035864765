#pragma once

#include <CLI/App.hpp>
#include <string>

namespace coffer::cli {

// Scripts by which a shell completes verbs and options, made from the command line itself. Whatever
// else stands on it is completed as a name of a file.

std::string bashCompletion(const CLI::App& app);
std::string zshCompletion(const CLI::App& app);

}  // namespace coffer::cli
