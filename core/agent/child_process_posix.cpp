#include "core/agent/child_process_posix.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "core/base/error.h"
#include "core/base/printable.h"

namespace coffer {

namespace {

constexpr int reapPatienceMs = 5000;

void check(int result, const char* what) {
    if (result != 0) throw Error::fromErrno(result, what);
}

/// What is done in the child before the program begins.
class Actions {
  public:
    Actions(int input, int output, int error) {
        check(::posix_spawn_file_actions_init(&actions_), "prepare worker");
        place(input, STDIN_FILENO);
        place(output, STDOUT_FILENO);
        place(error, STDERR_FILENO);
        check(::posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1),
              "prepare worker");
        check(::posix_spawn_file_actions_addchdir_np(&actions_, "/"), "prepare worker");
    }
    ~Actions() { ::posix_spawn_file_actions_destroy(&actions_); }
    Actions(const Actions&) = delete;
    Actions& operator=(const Actions&) = delete;
    const posix_spawn_file_actions_t* get() const { return &actions_; }

  private:
    void place(int from, int to) {
        check(::posix_spawn_file_actions_adddup2(&actions_, from, to), "prepare worker");
    }
    posix_spawn_file_actions_t actions_{};
};

class Attributes {
  public:
    Attributes() {
        check(::posix_spawnattr_init(&attributes_), "prepare worker");
        sigset_t none{};
        sigset_t all{};
        sigemptyset(&none);
        sigfillset(&all);
        check(::posix_spawnattr_setsigmask(&attributes_, &none), "prepare worker");
        check(::posix_spawnattr_setsigdefault(&attributes_, &all), "prepare worker");
        check(::posix_spawnattr_setpgroup(&attributes_, 0), "prepare worker");
        constexpr int flags =
            POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP;
        check(::posix_spawnattr_setflags(&attributes_, flags), "prepare worker");
    }
    ~Attributes() { ::posix_spawnattr_destroy(&attributes_); }
    Attributes(const Attributes&) = delete;
    Attributes& operator=(const Attributes&) = delete;
    const posix_spawnattr_t* get() const { return &attributes_; }

  private:
    posix_spawnattr_t attributes_{};
};

// As exec wants them; they point into the texts.
std::vector<char*> pointersTo(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    pointers.reserve(texts.size() + 1);
    for (std::string& text : texts) pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

}  // namespace

ChildProcess::ChildProcess(const ChildProgram& program, int input, int output, int error) {
    const Actions actions(input, output, error);
    const Attributes attributes;
    ChildProgram its = program;
    const std::string name = its.words.at(0);
    const std::vector<char*> words = pointersTo(its.words);
    std::vector<char*> environment;
    if (its.environment) environment = pointersTo(*its.environment);
    const int why = ::posix_spawn(&process_, name.c_str(), actions.get(), attributes.get(),
                                  words.data(), its.environment ? environment.data() : environ);
    if (why != 0) {
        process_ = -1;
        throw Error::fromErrno(why, "start " + printable(name));
    }
    // The number stays ours until the child is reaped. Such descriptors close on exec.
    descriptor_ = UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, process_, 0)));
    if (!descriptor_) {
        const int number = errno;
        ::kill(process_, SIGKILL);
        ::waitpid(process_, &status_, 0);
        throw Error::fromErrno(number, "watch " + printable(name));
    }
}

ChildProcess::~ChildProcess() {
    if (ended()) return;
    signal(SIGKILL);
    // One that hangs in the kernel stays behind, and its parent goes on.
    pollfd gone{descriptor(), POLLIN, 0};
    while (::poll(&gone, 1, reapPatienceMs) < 0 && errno == EINTR) {
    }
    ended();
}

bool ChildProcess::ended() {
    if (process_ < 0) return true;
    const pid_t reaped = ::waitpid(process_, &status_, WNOHANG);
    if (reaped == process_) process_ = -1;
    return process_ < 0;
}

void ChildProcess::signal(int number) {
    if (process_ >= 0) ::kill(process_, number);
}

void ChildProcess::signalGroup(int number) {
    if (process_ >= 0) ::kill(-process_, number);
}

bool ChildProcess::exitedWithSuccess() const {
    return WIFEXITED(status_) && WEXITSTATUS(status_) == 0;
}

std::string ChildProcess::ending() const {
    if (WIFSIGNALED(status_)) {
        const int number = WTERMSIG(status_);
        const char* name = ::sigdescr_np(number);
        return "signal " + std::to_string(number) + " (" + (name ? name : "unknown") + ")";
    }
    return "exit code " + std::to_string(WEXITSTATUS(status_));
}

}  // namespace coffer
