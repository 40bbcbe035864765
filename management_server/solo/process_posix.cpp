#include <unistd.h>

#include <fstream>

#include "management_server/solo/process.h"

namespace coffer::solo {

std::string hostName() {
    char name[256] = {};
    if (::gethostname(name, sizeof name - 1) != 0) return "localhost";
    return name;
}

bool isRoot() {
    return ::geteuid() == 0;
}

std::string bootId() {
    std::ifstream file("/proc/sys/kernel/random/boot_id");
    std::string id;
    std::getline(file, id);
    return id;
}

}  // namespace coffer::solo
