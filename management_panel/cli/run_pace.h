#pragma once

#include <CLI/App.hpp>
#include <string>

#include "core/rpc/convert.h"

namespace coffer::cli {

/// How far a run gives way to others at its agent; empty: as fast as it goes.
struct RunPace {
    std::string bandwidth;
    std::string nice;
    std::string ionice;
};

/// The words for it; `pace` outlives the verb.
void addPaceOptions(CLI::App& verb, RunPace& pace);

/// As options of a run (docs/protocol.md, "Orders").
void addPace(rpc::SettingMap& settings, const RunPace& pace);

}  // namespace coffer::cli
