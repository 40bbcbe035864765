#pragma once

#include <CLI/App.hpp>
#include <string>

#include "core/rpc/convert.h"

namespace coffer::cli {

/// Whose snapshot 'latest' is; empty: of whatever agent, with whatever tags.
struct LatestChoice {
    std::string agent;
    std::string tag;
};

/// The words for it; `choice` outlives the verb.
void addLatestOptions(CLI::App& verb, LatestChoice& choice);

/// As options of a run (docs/protocol.md, "Orders").
void addLatest(rpc::SettingMap& settings, const LatestChoice& choice);

}  // namespace coffer::cli
