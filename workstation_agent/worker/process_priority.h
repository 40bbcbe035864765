#pragma once

#include <map>
#include <string>

namespace coffer {

/// Makes this thread, and those that it starts from now on, give way to others as the options of an
/// order of this kind say: `nice` (0 to 19) for the processor, `ionice` ("idle", or "best-effort":
/// its lowest level) for disks. Without `nice` a backup has 10, so that it is not felt at the
/// computer (Linux then puts it behind others at the disk, too, if it schedules them), and a
/// restore, for which somebody waits, none. A thread that gives way already is never made more
/// important. Throws Error(invalidArgument) for another value, before anything is changed.
void giveWay(const std::string& kind, const std::map<std::string, std::string>& options);

}  // namespace coffer
