#include "core/service/settings_file.h"

#include <Poco/AutoPtr.h>
#include <Poco/Exception.h>
#include <Poco/File.h>
#include <Poco/String.h>
#include <Poco/StringTokenizer.h>
#include <Poco/Util/IniFileConfiguration.h>

#include <set>
#include <sstream>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/service/setting_number.h"

namespace coffer {

namespace {

using Ini = Poco::Util::IniFileConfiguration;

/// Names of everything that the file sets, at most two levels deep; deeper ones as far as needed
/// to name them.
std::set<std::string> namesIn(const Ini& ini) {
    std::set<std::string> names;
    std::vector<std::string> open;
    ini.keys(open);
    while (!open.empty()) {
        const std::string name = open.back();
        open.pop_back();
        std::vector<std::string> below;
        ini.keys(name, below);
        if (ini.hasProperty(name)) names.insert(name);
        for (const std::string& key : below) open.push_back(name + "." + key);
    }
    return names;
}

using Values = SettingsFile::Values;

constexpr std::size_t longestText = 64 * 1024;

void requireRule(const std::vector<SettingRule>& rules, const std::string& name,
                 const std::string& where) {
    if (findRule(rules, name)) return;
    throw Error(ErrorCode::invalidArgument, where + ": there is no setting \"" +
                                                printable(name.substr(0, 100)) +
                                                "\" (comments begin with ';')");
}

// Not getString, which would expand "${…}".
Values valuesOf(const Ini& ini, const std::vector<SettingRule>& rules, const std::string& where) {
    Values values;
    for (const std::string& name : namesIn(ini)) {
        requireRule(rules, name, where);
        values[name] = ini.getRawString(name);
    }
    return values;
}

// Poco takes the last of several: whoever wrote the first meant it, too.
void requireOnce(const std::string& text) {
    std::istringstream lines(text);
    std::string section;
    std::set<std::string> seen;
    for (std::string line; std::getline(lines, line);) {
        line = Poco::toLower(Poco::trim(line));
        if (line.empty() || line.front() == ';') continue;
        if (line.front() == '[') {
            section = line;
            continue;
        }
        const std::string name = Poco::trim(line.substr(0, line.find('=')));
        if (seen.insert(section + name).second) continue;
        throw Error(ErrorCode::invalidArgument,
                    "the text: it has \"" + printable(name.substr(0, 100)) + "\" twice");
    }
}

constexpr std::string_view byteOrderMark = "\xef\xbb\xbf";

std::pair<std::string, std::string> split(const std::string& name) {
    const auto dot = name.find('.');
    return {name.substr(0, dot), name.substr(dot + 1)};
}

std::string comment(const std::string& text) {
    std::istringstream lines(text);
    std::string result;
    for (std::string line; std::getline(lines, line);) result += "; " + line + "\n";
    return result;
}

}  // namespace

SettingsFile::SettingsFile(const std::vector<std::string>& paths,
                           const std::vector<SettingRule>& rules)
    : rules_(&rules) {
    for (const SettingRule& rule : rules) values_[rule.name] = rule.value;
    for (const std::string& path : paths) {
        try {
            if (path.empty() || !Poco::File(path).exists()) continue;
            const Poco::AutoPtr<Ini> ini(new Ini(path));
            for (auto& [name, value] : valuesOf(*ini, rules, path)) {
                values_[name] = value;
                origins_[name] = path;
            }
        } catch (const Poco::Exception& error) {
            throw Error(ErrorCode::ioError, "settings file " + path + ": " + error.displayText());
        }
    }
}

SettingsFile SettingsFile::with(const Values& values, const std::string& origin) const {
    SettingsFile other = *this;
    for (const auto& [name, value] : values) {
        const auto known = other.values_.find(name);
        if (known == other.values_.end()) continue;
        known->second = value;
        other.origins_[name] = origin;
    }
    return other;
}

Values SettingsFile::valuesIn(const std::string& text, const std::vector<SettingRule>& rules) {
    if (text.size() > longestText) {
        throw Error(ErrorCode::invalidArgument, "settings of more than 64 KiB");
    }
    const std::string plain = text.starts_with(byteOrderMark) ? text.substr(3) : text;
    requireOnce(plain);
    try {
        std::istringstream lines(plain);
        const Poco::AutoPtr<Ini> ini(new Ini(lines));
        return valuesOf(*ini, rules, "the text");
    } catch (const Poco::Exception& error) {
        throw Error(ErrorCode::invalidArgument, "the text: " + error.displayText());
    }
}

void SettingsFile::checkForms() const {
    for (const SettingRule& rule : *rules_) {
        const auto origin = origins_.find(rule.name);
        if (origin == origins_.end()) continue;
        during(origin->second, [&] { checkForm(rule, values_.at(rule.name)); });
    }
}

std::vector<std::string> SettingsFile::unknownNames(const std::string& path,
                                                    const std::vector<SettingRule>& rules) {
    std::vector<std::string> unknown;
    try {
        if (!Poco::File(path).exists()) return unknown;
        const Poco::AutoPtr<Ini> ini(new Ini(path));
        for (const std::string& name : namesIn(*ini)) {
            if (!findRule(rules, name)) unknown.push_back(name);
        }
    } catch (const Poco::Exception& error) {
        throw Error(ErrorCode::ioError, "settings file " + path + ": " + error.displayText());
    }
    return unknown;
}

std::string SettingsFile::origin(const std::string& name) const {
    const auto found = origins_.find(name);
    return found == origins_.end() ? std::string() : found->second;
}

std::string SettingsFile::commented(const std::vector<SettingRule>& rules,
                                    const std::map<std::string, std::string>& chosen) {
    std::string text;
    std::string section;
    for (const SettingRule& rule : rules) {
        const auto [itsSection, key] = split(rule.name);
        if (itsSection != section) text += "[" + itsSection + "]\n\n";
        section = itsSection;
        const auto choice = chosen.find(rule.name);
        text += comment(rule.doc());
        text +=
            choice == chosen.end() ? ";" + key + " = " + rule.value : key + " = " + choice->second;
        text += "\n\n";
    }
    return text;
}

std::string SettingsFile::text(const std::string& name) const {
    const auto found = values_.find(name);
    if (found == values_.end()) throw Error(ErrorCode::internal, "no rule for setting " + name);
    return found->second;
}

std::vector<std::string> SettingsFile::list(const std::string& name) const {
    const Poco::StringTokenizer words(
        text(name), ",", Poco::StringTokenizer::TOK_TRIM | Poco::StringTokenizer::TOK_IGNORE_EMPTY);
    return {words.begin(), words.end()};
}

std::uint64_t SettingsFile::number(const std::string& name) const {
    const auto number = settingNumber(text(name));
    if (!number) refuse(name, "a number");
    const SettingRule* rule = findRule(*rules_, name);
    if (rule->form.type == SettingType::number &&
        (*number < rule->form.least || *number > rule->form.most)) {
        refuse(name, "a number from " + rule->form.range());
    }
    return *number;
}

std::uint64_t SettingsFile::number(const std::string& name, std::uint64_t least,
                                   std::uint64_t most) const {
    const std::uint64_t value = number(name);
    if (value < least || value > most) {
        refuse(name, "a number from " + std::to_string(least) + " to " + std::to_string(most));
    }
    return value;
}

bool SettingsFile::truth(const std::string& name) const {
    const std::string value = text(name);
    if (value != "yes" && value != "no") refuse(name, "yes or no");
    return value == "yes";
}

void SettingsFile::refuse(const std::string& name, const std::string& wanted) const {
    throw Error(
        ErrorCode::invalidArgument,
        shownName(name) + " = \"" + printable(text(name).substr(0, 100)) + "\" is not " + wanted);
}

std::string SettingsFile::shownName(const std::string& name) const {
    const std::string file = origin(name);
    return file.empty() ? name : file + ": " + name;
}

}  // namespace coffer
