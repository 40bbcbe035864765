#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "core/base/error.h"
#include "workstation_agent/worker/process_priority.h"
#include "workstation_agent/worker/run_world.h"

namespace coffer {

namespace {

constexpr unsigned nicest = 19;
constexpr unsigned niceOfBackup = 10;

// Of ioprio_set(2); the kernel's header is not for C++. A priority is a class and a level in it.
constexpr int ofThread = 1;
constexpr int classShift = 13;
constexpr int bestEffort = 2;
constexpr int idle = 3;
constexpr int lowestLevel = 7;

void setNice(int nice) {
    errno = 0;
    const int present = ::getpriority(PRIO_PROCESS, 0);
    if (present == -1 && errno != 0) throw Error::fromErrno(errno, "nice");
    if (::setpriority(PRIO_PROCESS, 0, std::max(present, nice)) != 0) {
        throw Error::fromErrno(errno, "nice");
    }
}

std::optional<int> diskPriorityIn(const std::map<std::string, std::string>& options) {
    const auto found = options.find("ionice");
    if (found == options.end()) return {};
    if (found->second == "idle") return idle << classShift;
    if (found->second == "best-effort") return (bestEffort << classShift) + lowestLevel;
    throw Error(ErrorCode::invalidArgument, "option ionice is one of: idle, best-effort");
}

void setDiskPriority(int priority) {
    const int present = static_cast<int>(::syscall(SYS_ioprio_get, ofThread, 0));
    if (present >= 0 && present >> classShift == idle) return;
    if (::syscall(SYS_ioprio_set, ofThread, 0, priority) != 0) {
        throw Error::fromErrno(errno, "ionice");
    }
}

}  // namespace

void giveWay(const std::string& kind, const std::map<std::string, std::string>& options) {
    const unsigned usual = kind == "backup" ? niceOfBackup : 0;
    const unsigned nice = optionIn(options, "nice", usual, 0, nicest);
    const std::optional<int> disk = diskPriorityIn(options);
    if (nice > 0) setNice(static_cast<int>(nice));
    if (disk) setDiskPriority(*disk);
}

}  // namespace coffer
