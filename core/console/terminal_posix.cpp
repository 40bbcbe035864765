#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <iostream>

#include "core/console/terminal.h"

namespace coffer {

namespace {

/// What is typed is not shown while it lives.
class EchoOff {
  public:
    EchoOff() {
        if (::tcgetattr(STDIN_FILENO, &before_) != 0) {
            throw Error(ErrorCode::invalidArgument, "there is no terminal to ask on");
        }
        termios silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHOE | ECHOK);
        silent.c_lflag |= ECHONL;
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    }
    ~EchoOff() { ::tcsetattr(STDIN_FILENO, TCSADRAIN, &before_); }
    EchoOff(const EchoOff&) = delete;
    EchoOff& operator=(const EchoOff&) = delete;

  private:
    termios before_{};
};

}  // namespace

bool inputIsTerminal() {
    return ::isatty(STDIN_FILENO) == 1;
}
bool errorIsTerminal() {
    return ::isatty(STDERR_FILENO) == 1;
}

unsigned terminalWidth() {
    winsize size{};
    if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
    return size.ws_col;
}

std::optional<std::string> readLine(const CancelToken& cancel) {
    // Only poll() is interrupted by a signal; what is read from the stream may be buffered.
    while (std::cin.rdbuf()->in_avail() <= 0) {
        pollfd input{STDIN_FILENO, POLLIN, 0};
        const int ready = ::poll(&input, 1, -1);
        cancel.check();
        if (ready > 0) break;
    }
    std::string line;
    if (!std::getline(std::cin, line)) return {};
    return line;
}

std::string readSecret(const std::string& question, const CancelToken& cancel) {
    const EchoOff silent;
    std::cerr << question << std::flush;
    const auto answer = readLine(cancel);
    if (!answer) throw Error(ErrorCode::invalidArgument, "nothing was typed");
    return *answer;
}

}  // namespace coffer
