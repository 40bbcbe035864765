#pragma once

#include <functional>

#include "core/base/cancel.h"
#include "core/console/reporter.h"
#include "management_panel/client/connection.h"

namespace coffer::cli {

/// What a verb works with. The verb named on the command line puts its work into `job`.
struct Context {
    OutputOptions options;
    CancelToken& cancel;

    /// The session of the last login; made at the first call. Throws Error(loginAgain).
    std::function<client::Connection&()> connection;

    std::function<int()> job;  // gives the exit code
};

}  // namespace coffer::cli
