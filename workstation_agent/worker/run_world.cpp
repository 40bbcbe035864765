#include "workstation_agent/worker/run_world.h"

#include <thread>

#include "core/rpc/convert.h"

namespace coffer {

FileLock lockFor(const RunWorld& world, const std::string& path) {
    using namespace std::chrono_literals;
    for (;;) {
        if (auto lock = FileLock::tryTake(path)) return std::move(*lock);
        world.reporter.waits();
        world.cancel.check();
        std::this_thread::sleep_for(100ms);
    }
}

unsigned optionIn(const std::map<std::string, std::string>& options, const std::string& name,
                  unsigned otherwise, unsigned least, unsigned most) {
    if (!options.contains(name)) return otherwise;
    const std::uint64_t value = rpc::numberIn(options, name, otherwise);
    if (value >= least && value <= most) return static_cast<unsigned>(value);
    throw Error(ErrorCode::invalidArgument, "option " + name + " is a number from " +
                                                std::to_string(least) + " to " +
                                                std::to_string(most));
}

Rates ratesIn(const std::map<std::string, std::string>& options) {
    return {parsedOption(options, "read-rate", BandwidthSchedule::parse),
            parsedOption(options, "bandwidth", BandwidthSchedule::parse)};
}

}  // namespace coffer
