#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "core/base/error.h"
#include "management_panel/client/copy_end.h"

namespace coffer::client {

struct CopyResult {
    std::uint64_t files = 0;
    std::uint64_t folders = 0;
    std::uint64_t bytes = 0;
    std::uint64_t problems = 0;
};

struct CopyCalls {
    /// An entry that was passed over, or could not be copied; the others go on.
    std::function<void(const std::string& path, const Error& error)> problem;
    /// After each piece.
    std::function<void(const CopyResult& sofar)> progress;
};

/// Copies contents, not attributes: a file, or with `recursive` a folder with everything in it,
/// to a path where nothing is yet. What is neither file nor folder is a problem. Holds the names
/// of one folder on each level of the way down. Throws for what was named itself: Error(notFound),
/// (alreadyExists), (invalidArgument) for a folder without `recursive`; (cancelled), and whatever
/// endsRun().
CopyResult copyThrough(CopyEnd& source, const std::string& from, CopyEnd& target,
                       const std::string& to, bool recursive, const CopyCalls& calls,
                       const CancelToken& cancel);

}  // namespace coffer::client
