#pragma once

#include <functional>
#include <string>

#include "core/base/cancel.h"
#include "core/console/reporter.h"

namespace coffer::solo {

/// What stands before the verb on the command line.
struct GlobalOptions : OutputOptions {
    std::string repository;  // folder
    std::string state;       // folder; empty: the default place
};

/// "coffer-solo --repo DIR " as the user has to type it for the next step, printable.
std::string commandStart(const GlobalOptions& options);

/// What a verb works with. The verb named on the command line puts its work into `job`.
struct Context {
    GlobalOptions options;
    CancelToken& cancel;
    std::function<int()> job;  // gives the exit code
};

}  // namespace coffer::solo
