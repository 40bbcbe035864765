#include "management_server/tasks/task_text.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/printable.h"

namespace coffer {

namespace {

constexpr std::size_t mostLines = 1'000'000;

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t\r");
    if (begin == text.npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

[[noreturn]] void refuse(std::size_t line, const std::string& why) {
    throw Error(ErrorCode::invalidArgument, "line " + std::to_string(line) + ": " + why);
}

// Gives each line that says something to `take(number, text)`.
template <class Take>
void forEachLine(std::string_view text, Take&& take) {
    for (std::size_t number = 1; !text.empty(); ++number) {
        if (number > mostLines) refuse(number, "too many lines");
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = trimmed(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (!line.empty() && line.front() != ';') take(number, line);
    }
}

void addSetting(TaskSettings& settings, std::size_t number, std::string_view line) {
    const std::size_t equals = line.find('=');
    if (equals == line.npos) {
        refuse(number, "'" + printable(line.substr(0, 100)) +
                           "' is neither [task NAME] nor key = value; comments begin with ';'");
    }
    const std::string key(trimmed(line.substr(0, equals)));
    settings[key].emplace_back(trimmed(line.substr(equals + 1)));
}

void requireKnown(std::size_t number, std::string_view line) {
    try {
        taskRule(trimmed(line.substr(0, line.find('='))));
    } catch (const Error& error) {
        refuse(number, error.what());
    }
}

std::string commentOf(const TaskRule& rule) {
    std::string text = "; ";
    for (const char* letter = rule.doc; *letter; ++letter) {
        text += *letter;
        if (*letter == '\n') text += "; ";
    }
    return text + "\n";
}

}  // namespace

std::string taskText(const std::string& name, const TaskSettings& settings, bool isExplained) {
    std::string text = "[task " + name + "]\n";
    const std::string kind = settingOf(settings, "kind");
    for (const TaskRule& rule : taskRules()) {
        if (!rule.isOf(kind)) continue;
        const auto found = settings.find(rule.key);
        if (isExplained) text += "\n" + commentOf(rule);
        if (found == settings.end()) {
            if (!isExplained) continue;
            const std::string fallback = rule.fallback;
            text += std::string(";") + rule.key + " =" + (fallback.empty() ? "" : " ") + fallback +
                    "\n";
            continue;
        }
        for (const std::string& value : found->second) {
            text += std::string(rule.key) + " = " + value + "\n";
        }
    }
    return text;
}

std::string plainTaskText(const TaskSettings& settings) {
    std::string text;
    for (const auto& [key, values] : settings) {
        for (const std::string& value : values) text += key + " = " + value + "\n";
    }
    return text;
}

TaskTexts readTaskTexts(std::string_view text) {
    TaskTexts tasks;
    TaskSettings* current = nullptr;
    forEachLine(text, [&](std::size_t number, std::string_view line) {
        if (line.front() != '[') {
            if (!current) refuse(number, "a setting before any [task NAME]");
            addSetting(*current, number, line);
            return requireKnown(number, line);
        }
        const std::string_view head = "[task ";
        if (!line.starts_with(head) || line.back() != ']') refuse(number, "write [task NAME]");
        const std::string name(trimmed(line.substr(head.size(), line.size() - head.size() - 1)));
        const auto [task, isNew] = tasks.try_emplace(name);
        if (!isNew) refuse(number, "task '" + printable(name.substr(0, 64)) + "' comes twice");
        current = &task->second;
    });
    return tasks;
}

TaskSettings readPlainTaskText(std::string_view text) {
    TaskSettings settings;
    forEachLine(text, [&](std::size_t number, std::string_view line) {
        addSetting(settings, number, line);
    });
    return settings;
}

}  // namespace coffer
