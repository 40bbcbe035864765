#pragma once

#include <string>

namespace coffer::client {

/// Where a user's programs keep what lets them log in: a folder of mode 0700, all files 0600. A
/// value; used by one thread.
class ClientFolder {
  public:
    explicit ClientFolder(std::string path) : path_(std::move(path)) {}

    /// COFFER_CONFIG, or "coffer" below XDG_CONFIG_HOME or below ~/.config. Throws
    /// Error(invalidArgument) when the environment names none of them.
    static ClientFolder ofUser();

    /// Makes it and the folders above unless they are there.
    void make() const;

    const std::string& path() const { return path_; }
    std::string authorityFile() const { return path_ + "/authority.pem"; }
    std::string identityFile() const { return path_ + "/client.pem"; }  // certificate and key
    std::string sessionFile() const { return path_ + "/session"; }

  private:
    std::string path_;
};

}  // namespace coffer::client
