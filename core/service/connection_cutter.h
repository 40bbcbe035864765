#pragma once

#include <chrono>
#include <vector>

#include "core/base/guarded.h"
#include "core/base/threads.h"
#include "core/base/unique_fd.h"

namespace coffer {

/// Cuts connections when their time is over, whatever waits for them: libldap has no limit for a
/// TLS handshake, Poco none for a request that comes octet by octet. Has a thread of its own.
/// watch() by one thread.
class ConnectionCutter {
  public:
    explicit ConnectionCutter(std::chrono::steady_clock::time_point end);

    /// Nothing is cut any more.
    ~ConnectionCutter();
    ConnectionCutter(const ConnectionCutter&) = delete;
    ConnectionCutter& operator=(const ConnectionCutter&) = delete;

    /// A socket, too, which stays its owner's: he may close it at any time. Throws Error when the
    /// system has no descriptor left.
    void watch(int socket);

  private:
    struct Watched {
        std::vector<UniqueFd> sockets;  // of our own, to the same connections
        bool over = false;
        bool done = false;
    };

    Guarded<Watched> watched_;
    ThreadScope thread_;
};

}  // namespace coffer
