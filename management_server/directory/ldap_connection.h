#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/service/connection_cutter.h"

struct ldap;  // of libldap
struct ldap_conncb;

namespace coffer {

/// An entry of a directory.
struct LdapEntry {
    std::string name;                 // distinguished
    std::vector<std::string> values;  // of the attribute that was asked for; 1,000 at most
};

/// A connection to a directory, over TLS alone, with the server's certificate and name checked
/// against an authority. Follows no referrals. All its work together ends when the patience does.
/// Whatever goes wrong with the directory itself is Error(unavailable). Used by one thread.
class LdapConnection {
  public:
    /// Where it leads.
    struct Place {
        std::string url;  // "ldaps://host:port"
        bool startTls = false;
        std::string authorityFile = "/etc/ssl/certs/ca-certificates.crt";
        std::chrono::milliseconds patience{10'000};
    };

    explicit LdapConnection(const Place& place);
    ~LdapConnection();

    /// A simple bind: whether the directory takes the password. Throws Error(invalidArgument) for
    /// an empty name or password, which a directory takes from anybody (RFC 4513, 5.1.2).
    bool bind(const std::string& name, const std::string& password);

    /// Entries below `base`; two stand for two or more.
    std::vector<LdapEntry> search(const std::string& base, const std::string& filter,
                                  const std::string& attribute);

    /// The entry of this name, if it can be seen.
    std::optional<LdapEntry> read(const std::string& name, const std::string& attribute);

  private:
    struct Closed {
        void operator()(ldap* handle) const;
    };

    void open(const Place& place);
    void trust(const std::string& authorityFile);
    void connect(bool startTls);
    timeval allowTime();
    void set(int option, const void* value);
    std::vector<LdapEntry> entries(const std::string& base, int scope, const std::string& filter,
                                   const std::string& attribute);
    [[noreturn]] void fail(int result, const std::string& doing);

    const std::chrono::steady_clock::time_point end_;
    ConnectionCutter cutter_;
    const std::unique_ptr<ldap_conncb> onConnect_;
    std::unique_ptr<ldap, Closed> handle_;  // the first to go
};

}  // namespace coffer
