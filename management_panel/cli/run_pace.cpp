#include "management_panel/cli/run_pace.h"

namespace coffer::cli {

void addPaceOptions(CLI::App& verb, RunPace& pace) {
    verb.add_option("--bandwidth", pace.bandwidth,
                    "Octets a second over the network, with K, M or G: 2M; by the agent's\n"
                    "time of day: 08:00-18:00=500K,none")
        ->type_name("RATE");
    verb.add_option("--nice", pace.nice, "Give way on the processor: 0 to 19 (a backup: 10)")
        ->type_name("N");
    verb.add_option("--ionice", pace.ionice, "Give way on disks: best-effort (somewhat) or idle")
        ->type_name("HOW")
        ->check(CLI::IsMember({"best-effort", "idle"}));
}

void addPace(rpc::SettingMap& settings, const RunPace& pace) {
    if (!pace.bandwidth.empty()) settings["bandwidth"] = pace.bandwidth;
    if (!pace.nice.empty()) settings["nice"] = pace.nice;
    if (!pace.ionice.empty()) settings["ionice"] = pace.ionice;
}

}  // namespace coffer::cli
