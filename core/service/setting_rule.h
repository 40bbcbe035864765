#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace coffer {

/// What the value of a setting is.
enum class SettingType {
    text,     // one line
    number,   // decimal, between two others
    truth,    // yes, no
    choice,   // one of some words
    time,     // of the day, "07:30"
    list,     // separated by ','
    path,     // absolute
    address,  // of a host, or a URL
};

/// Stable words: "yes-no", "number".
std::string_view nameOf(SettingType type);

/// What a value has to look like.
struct SettingForm {
    SettingType type = SettingType::text;
    std::uint64_t least = 0;  // of a number
    std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    std::string unit{};                  // of a number, "minutes"
    std::vector<std::string> choices{};  // of a choice
    bool mayBeEmpty = false;             // besides; so may a value whose default is

    /// What is allowed, for people: "1 to 60 minutes", "on, off, auto"; may be empty.
    std::string range() const;
};

/// The forms that say more than their type.
SettingForm numberForm(std::uint64_t least, std::uint64_t most, std::string unit = "");
SettingForm choiceForm(std::vector<std::string> choices);

/// Who sets a setting, and from when on it counts.
enum class SettingUse {
    fileOnly,  // whoever may write the file, for it concerns security; from the next start on
    atStart,   // an administrator, too; from the next start on
    live,      // likewise; at once
};

/// What a setting is. From these the commented ini file is written.
struct SettingRule {
    std::string name;     // "section.key"
    std::string value;    // default
    std::string comment;  // what it means, without what its form says; may have several lines
    SettingForm form{};
    SettingUse use = SettingUse::fileOnly;

    /// Whether it names a file with a secret.
    bool isSecret() const;

    /// What it means and what is allowed, for people.
    std::string doc() const;
};

/// Throws Error(invalidArgument), naming the setting and what is allowed, for a value that has not
/// its form.
void checkForm(const SettingRule& rule, const std::string& value);

/// The same for a value from outside of a file: it has 4,096 octets at most, all printable.
void checkSetting(const SettingRule& rule, const std::string& value);

/// The one of that name; nullptr when there is none.
const SettingRule* findRule(const std::vector<SettingRule>& rules, std::string_view name);

}  // namespace coffer
