#pragma once

#include <optional>
#include <string>

#include "core/base/cancel.h"

namespace coffer {

// The terminal that a program may have. Used by one thread.

bool inputIsTerminal();
bool errorIsTerminal();

/// Columns of the terminal on standard error; 80 when it does not tell.
unsigned terminalWidth();

/// A line from standard input; nothing at its end. Throws Error(cancelled) when a signal came.
std::optional<std::string> readLine(const CancelToken& cancel);

/// Asks on the terminal for a line that is not shown while it is typed. Throws
/// Error(invalidArgument) when standard input is no terminal or ends, (cancelled).
std::string readSecret(const std::string& question, const CancelToken& cancel);

}  // namespace coffer
