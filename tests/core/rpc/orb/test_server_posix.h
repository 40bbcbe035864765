#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

#include "core/base/unique_fd.h"
#include "core/trust/pinned_authority.h"

namespace coffer {

/// orb-test-server as a child process. Used by one thread. Destruction ends it and waits.
class TestServer {
  public:
    /// Listens at `host`; clients reach it on loopback. `environment` is added to ours; `limit` is
    /// for prlimit(1).
    TestServer(const std::string& authorityFile, const std::string& identityFile,
               const std::string& host = "127.0.0.1",
               const std::vector<std::string>& environment = {}, const std::string& limit = {});
    ~TestServer();
    TestServer(const TestServer&) = delete;
    TestServer& operator=(const TestServer&) = delete;

    Endpoint endpoint(const std::string& host = "127.0.0.1") const { return {host, port_}; }

    /// Sends a command and gives its answer.
    std::string command(const std::string& line);

  private:
    std::string readLine();

    pid_t process_ = -1;
    UniqueFd input_;
    UniqueFd output_;
    std::uint16_t port_ = 0;
};

/// How many sockets of this process accept connections.
int listeningSockets();

/// How many connect it with a port.
int connectionsTo(const Endpoint& server);

}  // namespace coffer
