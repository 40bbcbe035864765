#pragma once

#include "core/base/error.h"

namespace coffer {

/// What a program tells its caller (docs/cli.md, docs/coffer.md).
enum ExitCode : int {
    exitSuccess = 0,
    exitFailed = 1,
    exitUsage = 2,
    exitWarnings = 3,  // finished, but single entries had problems
    exitDamage = 4,    // verify found damage
    exitBusy = 5,      // another program works on the repository
    exitCancelled = 130
};

inline ExitCode exitCodeOf(ErrorCode code) {
    switch (code) {
        case ErrorCode::busy:
            return exitBusy;
        case ErrorCode::cancelled:
            return exitCancelled;
        default:
            return exitFailed;
    }
}

}  // namespace coffer
