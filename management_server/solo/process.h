#pragma once

#include <optional>
#include <string>

#include "core/base/cancel.h"

namespace coffer::solo {

// What a program asks of the system it runs on.

/// Makes the standard streams safe to use when the caller closed them, writing into a closed pipe
/// an error instead of the end of the program, allows as many open files as the system does, and
/// keeps the heap from fragmenting.
/// To be called first, before there are threads.
void prepareProcess();

/// The token that SIGINT, SIGTERM and SIGHUP request; the second one ends the program at once.
CancelToken& stopOnSignals();

std::string hostName();
bool isRoot();

/// Changes whenever the computer starts. Empty when the system does not tell.
std::string bootId();

bool inputIsTerminal();
bool errorIsTerminal();

/// Columns of the terminal on standard error; 80 when it does not tell.
unsigned terminalWidth();

/// A line from standard input; nothing at its end. Throws Error(cancelled) when a signal came.
std::optional<std::string> readLine(const CancelToken& cancel);

}  // namespace coffer::solo
