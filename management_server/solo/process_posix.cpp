#include <unistd.h>

#include "management_server/solo/process.h"

namespace coffer::solo {

bool isRoot() {
    return ::geteuid() == 0;
}

}  // namespace coffer::solo
