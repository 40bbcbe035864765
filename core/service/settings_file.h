#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/service/setting_rule.h"

namespace coffer {

/// An ini file (Poco::Util): sections in brackets, "key = value", comments behind ';'. Unknown
/// names and values that do not parse are errors that name the key. Immutable, safe to share. The
/// rules outlive it.
class SettingsFile {
  public:
    using Values = std::map<std::string, std::string>;  // by name

    /// Reads `path`; a file that is not there gives the defaults. Throws Error(invalidArgument),
    /// (ioError) for one that cannot be read.
    SettingsFile(const std::string& path, const std::vector<SettingRule>& rules)
        : SettingsFile(std::vector<std::string>{path}, rules) {}

    /// The same with several files: what a later one sets counts.
    SettingsFile(const std::vector<std::string>& paths, const std::vector<SettingRule>& rules);

    /// The same with values over those of the files, of which origin() gives `origin`. Names that
    /// no rule has are left out.
    SettingsFile with(const Values& values, const std::string& origin) const;

    /// What such a text sets. Throws Error(invalidArgument) for one of more than 64 KiB, and for
    /// names that no rule has or that stand there twice; values are not looked at.
    static Values valuesIn(const std::string& text, const std::vector<SettingRule>& rules);

    /// Throws Error(invalidArgument), naming file, setting and what is allowed, for a value of a
    /// file that has not the form of its rule.
    void checkForms() const;

    /// Names that `path` sets and no rule has; none when there is no such file. Throws
    /// Error(ioError) for one that cannot be read.
    static std::vector<std::string> unknownNames(const std::string& path,
                                                 const std::vector<SettingRule>& rules);

    /// The file that sets it, for messages; empty when none does. By a name of the rules.
    std::string origin(const std::string& name) const;

    /// Does `work` for a setting; what it throws names the file that sets it, and the setting.
    template <class Work>
    auto named(const std::string& name, Work&& work) const {
        return during(shownName(name), std::forward<Work>(work));
    }

    /// All settings with their comments, commented out but for those in `chosen` (by name): a file
    /// to begin with.
    static std::string commented(const std::vector<SettingRule>& rules,
                                 const std::map<std::string, std::string>& chosen = {});

    /// The text of an ini file with one setting changed: its line gets the value, the one that is
    /// commented out if there is no other; everything else stays. Throws Error(invalidArgument) for
    /// a value of more than one line.
    static std::string edited(const std::string& text, const std::string& name,
                              const std::string& value);

    // By a name of the rules.
    std::string text(const std::string& name) const;
    std::vector<std::string> list(const std::string& name) const;  // separated by ','
    std::uint64_t number(const std::string& name) const;           // decimal, as its rule allows
    bool truth(const std::string& name) const;                     // yes, no

    /// A number between the two, inclusive.
    std::uint64_t number(const std::string& name, std::uint64_t least, std::uint64_t most) const;

  private:
    [[noreturn]] void refuse(const std::string& name, const std::string& wanted) const;
    std::string shownName(const std::string& name) const;  // with the file that sets it

    const std::vector<SettingRule>* rules_;
    Values values_;
    Values origins_;  // of what a file sets
};

}  // namespace coffer
