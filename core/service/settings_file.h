#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace coffer {

/// What a setting is, its default and a comment; from these the commented ini file is written.
struct SettingRule {
    std::string name;   // "section.key"
    std::string value;  // default
    std::string comment;
};

/// An ini file (Poco::Util). Unknown names and values that do not parse are errors that name the
/// line's key. Immutable, safe to share.
class SettingsFile {
  public:
    /// Reads `path`; a file that is not there gives the defaults. Throws Error(invalidArgument).
    SettingsFile(const std::string& path, std::vector<SettingRule> rules);

    /// All settings with their comments, commented out: a file to begin with.
    static std::string commented(const std::vector<SettingRule>& rules);

    std::string text(const std::string& name) const;
    std::vector<std::string> list(const std::string& name) const;  // separated by ','
    std::uint64_t number(const std::string& name) const;
    bool truth(const std::string& name) const;  // yes, no

  private:
    std::map<std::string, std::string> values_;
};

}  // namespace coffer
