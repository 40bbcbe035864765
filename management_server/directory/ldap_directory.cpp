#include "management_server/directory/ldap_directory.h"

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "core/service/log.h"
#include "core/trust/certificate.h"
#include "core/trust/private_file.h"
#include "management_server/directory/ldap_text.h"
#include "management_server/notify/secret_file.h"

namespace coffer {

namespace {

constexpr std::ptrdiff_t atOnce = 4;
constexpr std::size_t longestPassword = 1'024;
constexpr std::uint32_t comeBackMs = 1'000;

class Turn {
  public:
    explicit Turn(std::counting_semaphore<>& turns) : turns_(turns) {
        if (turns_.try_acquire()) return;
        throw Error(ErrorCode::limitExceeded, "too many logins by the directory at once")
            .withRetryAfter(comeBackMs);
    }
    ~Turn() { turns_.release(); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

  private:
    std::counting_semaphore<>& turns_;
};

bool isLetterOrDigit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

}  // namespace

LdapDirectory::LdapDirectory(LdapSettings settings)
    : settings_(std::move(settings)),
      secret_(settings_.passwordFile.empty() ? "" : readSecretFile(settings_.passwordFile)),
      turns_(atOnce) {
    during("ldap.ca-file", [&] { readTextFile(settings_.place.authorityFile); });
}

bool LdapDirectory::isName(const std::string& name) {
    return !name.empty() && name.size() <= longestCommonName && isLetterOrDigit(name.front()) &&
           std::ranges::all_of(
               name, [](char c) { return isLetterOrDigit(c) || c == '.' || c == '-' || c == '_'; });
}

std::optional<std::vector<std::string>> LdapDirectory::verify(const std::string& name,
                                                              const std::string& password) const {
    if (!isName(name) || password.empty() || password.size() > longestPassword) return {};
    const Turn turn(turns_);
    try {
        const std::optional<LdapEntry> user = enter(name, password);
        if (!user) return {};
        return settings_.groups.of(user->values);
    } catch (const Error& error) {
        // What is wrong in there is none of a stranger's business.
        log(LogLevel::error, "directory.failed",
            {{"url", settings_.place.url}, {"message", error.what()}});
        throw Error(ErrorCode::unavailable,
                    "the directory of users cannot be asked; users of this server can log in");
    }
}

// Groups are read by who may search, or by the user himself.
std::optional<LdapEntry> LdapDirectory::enter(const std::string& name,
                                              const std::string& password) const {
    LdapConnection connection(settings_.place);
    if (!settings_.userName.empty()) {
        const std::string whole = ldapFilled(settings_.userName, name);
        if (!connection.bind(whole, password)) return {};
        return connection.read(whole, settings_.attribute).value_or(LdapEntry{whole, {}});
    }
    const std::optional<LdapEntry> user = find(connection, name);
    return user && connection.bind(user->name, password) ? user : std::nullopt;
}

std::optional<LdapEntry> LdapDirectory::find(LdapConnection& connection,
                                             const std::string& name) const {
    if (!settings_.searcher.empty() && !connection.bind(settings_.searcher, secret_)) {
        throw Error(ErrorCode::unavailable, "the directory does not take ldap.bind-dn");
    }
    const auto found =
        connection.search(settings_.base, ldapFilled(settings_.filter, name), settings_.attribute);
    if (found.size() > 1) {
        throw Error(ErrorCode::unavailable, "several entries are user " + name);
    }
    return found.empty() || found.front().name.empty() ? std::nullopt
                                                       : std::optional(found.front());
}

}  // namespace coffer
