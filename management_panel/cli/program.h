#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/base/cancel.h"
#include "management_panel/client/connection.h"

namespace coffer::cli {

/// Does what the words behind the program's name say, and gives the exit code. Results go to
/// standard output, all else to standard error. `connect` gives the session; it is called when a
/// verb needs one, and may throw Error.
int runCoffer(std::vector<std::string> words, std::function<client::Connection&()> connect,
              CancelToken& cancel);

}  // namespace coffer::cli
