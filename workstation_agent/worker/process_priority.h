#pragma once

#include <map>
#include <string>

namespace coffer {

/// Makes this thread, and those that it starts from now on, give way to others as the options of an
/// order say: `nice` (0 to 19) for the processor, `ionice` ("idle", or "best-effort": its lowest
/// level) for disks. A thread that gives way already is never made more important. Throws
/// Error(invalidArgument) for another value, before anything is changed.
void giveWay(const std::map<std::string, std::string>& options);

}  // namespace coffer
