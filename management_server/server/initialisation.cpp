#include "management_server/server/initialisation.h"

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/service/system_facts.h"
#include "core/trust/private_file.h"
#include "management_server/access/audit_log.h"
#include "management_server/access/permissions.h"
#include "management_server/access/second_factors.h"
#include "management_server/access/user_table.h"
#include "management_server/server/server_certificate.h"
#include "management_server/server/server_settings.h"

namespace coffer {

namespace {

constexpr const char* firstUser = "admin";

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

// A host is what can stand in an address.
void checkHosts(const std::vector<std::string>& hosts) {
    for (const std::string& host : hosts) {
        const bool v6 = host.find_first_not_of("0123456789abcdefABCDEF:.") == host.npos &&
                        host.find(':') != host.npos;
        if (!v6 && host.find_first_of(":[]") != host.npos) {
            throw Error(ErrorCode::invalidArgument, "host " + printable(host) + " has a port");
        }
        during("host", [&] { Endpoint::parse(v6 ? "[" + host + "]" : host); });
    }
}

// What the user has written there stays.
void writeSettings(const ServerFolder& folder, const InitOrder& order,
                   const std::vector<std::string>& hosts) {
    const std::string file = folder.settingsFile();
    std::string text = folder.disk().stat(file) ? readTextFile(file)
                                                : SettingsFile::commented(ServerSettings::rules());
    if (!order.listen.empty()) {
        text = SettingsFile::edited(text, "server.listen", Endpoint::parse(order.listen).text());
    }
    text = SettingsFile::edited(text, "server.hosts", joined(hosts));
    writePrivateFile(file, text);
}

}  // namespace

std::string initialise(ServerFolder& folder, const InitOrder& order, const PasswordHasher& hasher,
                       const Clock& clock, const ShowPassword& show) {
    if (!order.listen.empty()) Endpoint::parse(order.listen);
    const std::vector<std::string> hosts =
        order.hosts.empty() ? std::vector<std::string>{hostName()} : order.hosts;
    checkHosts(hosts);
    folder.make();
    const FileLock lock = folder.lock();
    ServerDatabase database(folder.databaseFile());
    UserTable users(database, clock, hasher);
    if (users.find(firstUser)) {
        throw Error(ErrorCode::alreadyExists,
                    "the server in " + printable(folder.path()) +
                        " has been initialised before; 'coffer-server reset-password " + firstUser +
                        "' gives its administrator a new password");
    }
    const CertificateAuthority authority = folder.disk().stat(folder.authorityFile())
                                               ? CertificateAuthority::load(folder.path(), clock)
                                               : CertificateAuthority::create(folder.path(), clock);
    folder.makeStoreKey();
    ServerCertificate(authority, clock, folder.certificateFile(), hosts).renew();
    writeSettings(folder, order, hosts);
    const std::string password = makeOneTimePassword();
    show(password);
    users.addFirst(firstUser, password);
    return authority.fingerprint();
}

void resetPassword(const ServerFolder& folder, const std::string& user,
                   const PasswordHasher& hasher, const Clock& clock, const ShowPassword& show) {
    folder.require();
    const FileLock lock = folder.lock();
    ServerDatabase database(folder.databaseFile());
    UserTable users(database, clock, hasher);
    if (!users.find(user)) {
        throw Error(ErrorCode::notFound,
                    "there is no user '" + printable(user.substr(0, 64)) + "'");
    }
    const std::string password = makeOneTimePassword();
    show(password);
    // Before it counts, as every change.
    AuditLog(database, clock, [] {
        return std::string();
    }).add("coffer-server", {"password-reset", user});
    users.setPassword(user, password, true);
    SecondFactors(database, clock).remove(user);
    if (users.find(user)->disabled) Permissions(database).setEnabled(user, true);
}

}  // namespace coffer
