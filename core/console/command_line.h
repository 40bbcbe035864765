#pragma once

#include <CLI/App.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace coffer {

/// Gives the help and the messages of a program with verbs the form that Coffer's programs share.
void dressProgram(CLI::App& app, const std::string& name, const std::string& version);

/// Puts all verbs that were added into one group; to be called behind the last.
void groupVerbs(CLI::App& app);

/// Parses the words behind the program's name. Gives an exit code when the program ends here: after
/// --help or --version, or because of wrong usage, which has been told on standard error. A value
/// that is the name of an option is wrong usage unless it is written --option=value.
std::optional<int> parseWords(CLI::App& app, std::vector<std::string> words);

/// Does the work of a program, flushes standard output and gives the exit code; what is thrown is
/// told on standard error (with `json` as a document) and decides it.
int runJob(const std::string& program, bool json, const std::function<int()>& job);

}  // namespace coffer
