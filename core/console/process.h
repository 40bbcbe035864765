#pragma once

#include <chrono>

#include "core/base/cancel.h"

namespace coffer {

// What a program for people asks of the system it runs on.

/// Makes the standard streams safe to use when the caller closed them, writing into a closed pipe
/// an error instead of the end of the program, allows as many open files as the system does, and
/// keeps the heap from fragmenting.
/// To be called first, before there are threads.
void prepareProcess();

/// The token that SIGINT, SIGTERM and SIGHUP request; the second one ends the program at once.
CancelToken& stopOnSignals();

/// Waits for so long, or until a signal has come to the calling thread.
void pauseFor(std::chrono::milliseconds time);

}  // namespace coffer
