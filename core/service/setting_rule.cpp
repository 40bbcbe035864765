#include "core/service/setting_rule.h"

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/service/setting_number.h"

namespace coffer {

namespace {

constexpr std::size_t longestValue = 4'096;
constexpr std::size_t longestShown = 100;
constexpr std::size_t longestLine = 90;
constexpr std::string_view secretFiles[] = {".password-file", ".secret-file", ".token-file"};

bool isTimeOfDay(const std::string& text) {
    const auto digits = [&](std::size_t at, int most) {
        const auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
        return isDigit(text[at]) && isDigit(text[at + 1]) &&
               (text[at] - '0') * 10 + (text[at + 1] - '0') <= most;
    };
    return text.size() == 5 && text[2] == ':' && digits(0, 23) && digits(3, 59);
}

// What is wanted, or nothing when the value is that.
std::string lackOf(const SettingForm& form, const std::string& value) {
    switch (form.type) {
        case SettingType::number: {
            const auto number = settingNumber(value);
            const bool fits = number && *number >= form.least && *number <= form.most;
            return fits ? "" : "a number from " + form.range();
        }
        case SettingType::truth:
            return value == "yes" || value == "no" ? "" : "yes or no";
        case SettingType::choice:
            return std::ranges::count(form.choices, value) > 0 ? "" : "one of " + form.range();
        case SettingType::time:
            return isTimeOfDay(value) ? "" : "a time of day, \"07:00\"";
        case SettingType::path:
            return value.starts_with('/') ? "" : "an absolute path";
        case SettingType::text:
        case SettingType::list:
        case SettingType::address:
            break;
    }
    return "";
}

}  // namespace

std::string_view nameOf(SettingType type) {
    switch (type) {
        case SettingType::text:
            return "text";
        case SettingType::number:
            return "number";
        case SettingType::truth:
            return "yes-no";
        case SettingType::choice:
            return "choice";
        case SettingType::time:
            return "time";
        case SettingType::list:
            return "list";
        case SettingType::path:
            return "path";
        case SettingType::address:
            return "address";
    }
    return "text";
}

std::string SettingForm::range() const {
    if (type == SettingType::truth) return "yes, no";
    if (type == SettingType::number) {
        const std::string numbers = std::to_string(least) + " to " + std::to_string(most);
        return unit.empty() ? numbers : numbers + " " + unit;
    }
    std::string text;
    for (const std::string& choice : choices) text += (text.empty() ? "" : ", ") + choice;
    return text;
}

SettingForm numberForm(std::uint64_t least, std::uint64_t most, std::string unit) {
    SettingForm form{SettingType::number, least, most};
    form.unit = std::move(unit);
    return form;
}

SettingForm choiceForm(std::vector<std::string> choices) {
    SettingForm form;
    form.type = SettingType::choice;
    form.choices = std::move(choices);
    return form;
}

bool SettingRule::isSecret() const {
    return std::ranges::any_of(secretFiles, [this](auto end) { return name.ends_with(end); });
}

std::string SettingRule::doc() const {
    const std::string range = form.range();
    if (range.empty()) return comment;
    const std::size_t lastLine = comment.size() - (comment.rfind('\n') + 1);
    const char* between = lastLine + range.size() + 2 > longestLine ? "\n" : " ";
    return comment + between + range + ".";
}

void checkForm(const SettingRule& rule, const std::string& value) {
    if (value.empty() && (rule.value.empty() || rule.form.mayBeEmpty)) return;
    const std::string lack = lackOf(rule.form, value);
    if (lack.empty()) return;
    throw Error(
        ErrorCode::invalidArgument,
        rule.name + " = \"" + printable(value.substr(0, longestShown)) + "\" is not " + lack);
}

void checkSetting(const SettingRule& rule, const std::string& value) {
    if (value.size() > longestValue) {
        throw Error(ErrorCode::invalidArgument, rule.name + " takes 4,096 octets at most");
    }
    if (printable(value) != value) {
        throw Error(ErrorCode::invalidArgument,
                    rule.name + " takes one line of printable characters, without a backslash");
    }
    checkForm(rule, value);
}

const SettingRule* findRule(const std::vector<SettingRule>& rules, std::string_view name) {
    const auto found = std::ranges::find(rules, name, &SettingRule::name);
    return found == rules.end() ? nullptr : &*found;
}

}  // namespace coffer
