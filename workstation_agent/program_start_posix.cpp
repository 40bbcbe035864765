#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "workstation_agent/program_start.h"

namespace coffer {

std::string ownProgram() {
    std::array<char, 4096> path{};
    const ssize_t length = ::readlink("/proc/self/exe", path.data(), path.size());
    if (length <= 0) throw Error::fromErrno(errno, "find the own program");
    std::string program(path.data(), static_cast<std::size_t>(length));
    // What an upgrade of the package has put in its place counts.
    constexpr std::string_view replaced = " (deleted)";
    if (program.ends_with(replaced)) program.resize(program.size() - replaced.size());
    return program;
}

void makeExecutable(const std::string& program) {
    if (::chmod(program.c_str(), S_IRWXU) == 0) return;
    throw Error::fromErrno(errno, "make " + printable(program) + " executable");
}

void becomeProgram(const std::string& program, const std::vector<std::string>& words) {
    std::vector<std::string> texts{program};
    texts.insert(texts.end(), words.begin(), words.end());
    std::vector<char*> pointers;
    for (std::string& text : texts) pointers.push_back(text.data());
    pointers.push_back(nullptr);
    sigset_t blocked;  // until the program takes it by StopSignal, as this one does
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGHUP);
    ::pthread_sigmask(SIG_SETMASK, &blocked, nullptr);
    // Of libraries, which do not close theirs by themselves: the log would stay open.
    ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
    ::execv(program.c_str(), pointers.data());
    throw Error::fromErrno(errno, "start " + printable(program));
}

}  // namespace coffer
