#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <fstream>

#include "core/base/printable.h"
#include "core/service/system_facts.h"

namespace coffer {

namespace {

// The value of PRETTY_NAME, os-release(5).
std::string distribution() {
    constexpr std::string_view key = "PRETTY_NAME=";
    std::ifstream file("/etc/os-release");
    for (std::string line; std::getline(file, line);) {
        if (!line.starts_with(key)) continue;
        line.erase(0, key.size());
        std::erase_if(line, [](char c) { return c == '"' || c == '\''; });
        return printable(line.substr(0, 200));
    }
    return {};
}

}  // namespace

std::string hostName() {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0) return "localhost";
    return printable(name.data());
}

std::string systemName() {
    utsname kernel{};
    if (::uname(&kernel) != 0) return distribution();
    const std::string name =
        std::string(kernel.sysname) + " " + kernel.release + " " + kernel.machine;
    const std::string its = distribution();
    return its.empty() ? name : its + ", " + name;
}

std::string ownFolder() {
    std::array<char, 4096> path{};
    const ssize_t length = ::readlink("/proc/self/exe", path.data(), path.size());
    if (length <= 0) return "/";
    const std::string text(path.data(), static_cast<std::size_t>(length));
    return text.substr(0, text.rfind('/'));
}

std::string bootId() {
    std::ifstream file("/proc/sys/kernel/random/boot_id");
    std::string id;
    std::getline(file, id);
    return id;
}

}  // namespace coffer
