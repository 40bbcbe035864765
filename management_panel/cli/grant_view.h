#pragma once

#include <CLI/App.hpp>
#include <memory>
#include <string>
#include <vector>

#include "core/console/json.h"
#include "idl/access.hh"

namespace coffer::cli {

/// Where a role holds, as the command line gives it.
struct GrantOptions {
    std::string part;
    std::vector<std::string> agents;
};

/// --part and --agent.
std::shared_ptr<GrantOptions> addGrantOptions(CLI::App& verb);

Coffer::GrantInfo grantOf(const std::string& holder, const std::string& role,
                          const GrantOptions& options);

/// "operator of north/mail on laptop-7", printable.
std::string grantText(const Coffer::GrantInfo& grant);
Json grantJson(const Coffer::GrantInfo& grant);

/// Only one of the five roles.
CLI::Option* onlyRoles(CLI::Option* option);

}  // namespace coffer::cli
