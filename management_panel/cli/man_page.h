#pragma once

#include <CLI/App.hpp>
#include <string>

namespace coffer::cli {

/// The manual page coffer(1), as troff with man macros, made from the command line itself.
std::string manPage(const CLI::App& app, const std::string& version);

}  // namespace coffer::cli
