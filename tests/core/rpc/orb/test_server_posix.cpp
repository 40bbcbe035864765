#include "tests/core/rpc/orb/test_server_posix.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <stdexcept>

namespace coffer {

namespace {

std::array<UniqueFd, 2> makePipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (std::string& text : texts) result.push_back(text.data());
    result.push_back(nullptr);
    return result;
}

pid_t spawn(std::vector<std::string> words, std::vector<std::string> environment, int input,
            int output) {
    for (char** entry = environ; *entry; ++entry) environment.emplace_back(*entry);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, 0);
    posix_spawn_file_actions_adddup2(&actions, output, 1);
    pid_t process = -1;
    const int failure = ::posix_spawn(&process, words[0].c_str(), &actions, nullptr,
                                      pointers(words).data(), pointers(environment).data());
    posix_spawn_file_actions_destroy(&actions);
    if (failure) throw std::runtime_error("cannot start " + words[0]);
    return process;
}

template <class Wanted>
int count(Wanted wanted) {
    int found = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        if (wanted(std::stoi(entry.path().filename()))) ++found;
    }
    return found;
}

}  // namespace

TestServer::TestServer(const std::string& authorityFile, const std::string& identityFile,
                       const std::string& host, const std::vector<std::string>& environment,
                       const std::string& limit) {
    auto [childInput, input] = makePipe();
    auto [output, childOutput] = makePipe();
    std::vector<std::string> words{ORB_TEST_SERVER, authorityFile, identityFile, host, "0"};
    if (!limit.empty()) words.insert(words.begin(), {"/usr/bin/prlimit", limit});
    process_ = spawn(words, environment, childInput.get(), childOutput.get());
    input_ = std::move(input);
    output_ = std::move(output);
    childOutput = UniqueFd();
    port_ = static_cast<std::uint16_t>(std::stoi(readLine()));
}

TestServer::~TestServer() {
    input_ = UniqueFd();
    int status = 0;
    ::waitpid(process_, &status, 0);
    EXPECT_EQ(status, 0) << "the server ended badly";
}

std::string TestServer::command(const std::string& line) {
    const std::string text = line + "\n";
    if (::write(input_.get(), text.data(), text.size()) < 0) return "";
    return readLine();
}

std::string TestServer::readLine() {
    std::string line;
    char c = 0;
    while (::read(output_.get(), &c, 1) == 1 && c != '\n') line += c;
    return line;
}

int listeningSockets() {
    return count([](int descriptor) {
        int accepting = 0;
        socklen_t size = sizeof accepting;
        return ::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &accepting, &size) == 0 &&
               accepting;
    });
}

int connectionsTo(const Endpoint& server) {
    return count([&](int descriptor) {
        sockaddr_storage peer{};
        socklen_t size = sizeof peer;
        // The port stands at the same place for both families.
        return ::getpeername(descriptor, reinterpret_cast<sockaddr*>(&peer), &size) == 0 &&
               (peer.ss_family == AF_INET || peer.ss_family == AF_INET6) &&
               ntohs(reinterpret_cast<const sockaddr_in&>(peer).sin_port) == server.port;
    });
}

}  // namespace coffer
