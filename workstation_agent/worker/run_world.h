#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "core/base/cancel.h"
#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/file_lock.h"
#include "core/pipeline/rate_limits.h"
#include "core/rpc/store/store_calls.h"
#include "idl/repository.hh"
#include "workstation_agent/worker/run_reporter.h"

namespace coffer {

/// What a run is carried out with. All references outlive the run.
struct RunWorld {
    Coffer::Store_ptr store;    // borrowed; remote, or in this process
    const CancelToken& cancel;  // stops the run
    const Clock& clock;
    rpc::RetryPolicy retry{};  // while the store cannot be reached
    RunReporter& reporter;

    rpc::StoreCalls calls() const {
        return {cancel, retry, [&reporter = reporter](const Error&) { reporter.waits(); }};
    }
};

/// Takes a lock that another run of this agent may hold, as soon as that has ended. Throws
/// Error(cancelled).
FileLock lockFor(const RunWorld& world, const std::string& path);

/// A number of an order's options within these bounds. Throws Error(invalidArgument).
unsigned optionIn(const std::map<std::string, std::string>& options, const std::string& name,
                  unsigned otherwise, unsigned least, unsigned most);

/// What `parse` makes of an option of an order; nothing when it is not given. Errors name it.
template <class Parse>
auto parsedOption(const std::map<std::string, std::string>& options, const std::string& name,
                  const Parse& parse) -> std::optional<decltype(parse(std::string()))> {
    const auto found = options.find(name);
    if (found == options.end()) return {};
    return during("option " + name, [&] { return parse(found->second); });
}

/// The options `read-rate` and `bandwidth` of an order. Throws Error(invalidArgument).
Rates ratesIn(const std::map<std::string, std::string>& options);

}  // namespace coffer
