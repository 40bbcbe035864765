#include <grp.h>
#include <pwd.h>

#include <cerrno>
#include <optional>
#include <vector>

#include "core/source/account_names.h"

namespace coffer {

namespace {

constexpr std::size_t firstRecordSize = 1024;
constexpr std::size_t largestRecord = std::size_t{16} << 20;  // groups list all their members

/// Runs a getpwuid_r-like `ask(buffer)` with a buffer that grows until the record fits.
template <class Ask>
int askWithBuffer(Ask&& ask) {
    std::vector<char> buffer(firstRecordSize);
    for (;;) {
        const int error = ask(buffer);
        if (error == ERANGE && buffer.size() < largestRecord) {
            buffer.resize(buffer.size() * 4);
        } else if (error != EINTR) {
            return error;
        }
    }
}

/// Nothing when the system failed to answer, which is not kept.
std::optional<std::string> askUser(std::uint32_t uid) {
    std::string name;
    const int error = askWithBuffer([&](std::vector<char>& buffer) {
        passwd record{};
        passwd* found = nullptr;
        const int result = getpwuid_r(uid, &record, buffer.data(), buffer.size(), &found);
        if (result == 0 && found != nullptr) name = found->pw_name;
        return result;
    });
    return error == 0 ? std::optional(name) : std::nullopt;
}

std::optional<std::string> askGroup(std::uint32_t gid) {
    std::string name;
    const int error = askWithBuffer([&](std::vector<char>& buffer) {
        group record{};
        group* found = nullptr;
        const int result = getgrgid_r(gid, &record, buffer.data(), buffer.size(), &found);
        if (result == 0 && found != nullptr) name = found->gr_name;
        return result;
    });
    return error == 0 ? std::optional(name) : std::nullopt;
}

/// The system is asked outside the lock: a directory server may take its time.
template <class Names, class Ask>
std::string lookUp(Guarded<Names>& names, std::uint32_t number, Ask&& ask) {
    const auto known = names.with([&](const Names& map) -> std::optional<std::string> {
        const auto found = map.find(number);
        return found == map.end() ? std::nullopt : std::optional(found->second);
    });
    if (known) return *known;
    const std::optional<std::string> name = ask(number);
    if (name) names.with([&](Names& map) { map.emplace(number, *name); });
    return name.value_or("");
}

}  // namespace

std::string AccountNames::user(std::uint32_t uid) {
    return lookUp(users_, uid, askUser);
}

std::string AccountNames::group(std::uint32_t gid) {
    return lookUp(groups_, gid, askGroup);
}

}  // namespace coffer
