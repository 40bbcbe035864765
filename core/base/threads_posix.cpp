#include <sys/resource.h>

#include "core/base/threads.h"

namespace coffer {

void letOthersGoFirst() {
    // On Linux 0 is the calling thread. Without the priority the work is done all the same.
    ::setpriority(PRIO_PROCESS, 0, 15);
}

}  // namespace coffer
