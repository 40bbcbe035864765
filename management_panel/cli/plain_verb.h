#pragma once

#include <CLI/App.hpp>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/console/json.h"
#include "management_panel/cli/context.h"

namespace coffer::cli {

/// A verb that has words and no options.
struct PlainVerb {
    std::string name;
    std::string about;
    std::vector<std::pair<std::string, std::string>> words;  // name and what it is for
    std::string footer;
    std::function<int(Context& context, const std::vector<std::string>& words)> job;
};

CLI::App* addPlain(CLI::App& group, Context& context, PlainVerb verb);

/// What a change that worked says: a document, or a line unless it is to be quiet. Gives the exit
/// code.
int answer(const Context& context, const Json& object, const std::string& line);

/// Hands over a secret: into a new file, for its owner alone, or on standard output. `object` is
/// the document, to which it is added as `name` unless there is a file.
void handOver(const Context& context, Json object, const char* name, const std::string& secret,
              const std::string& file);

}  // namespace coffer::cli
