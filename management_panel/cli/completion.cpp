#include "management_panel/cli/completion.h"

#include <set>

#include "management_panel/cli/completion_tree.h"

namespace coffer::cli {

namespace {

// Both shells find out in the same way which verb the words before the cursor name.
std::string casesOfVerbs(const std::vector<CompletionLevel>& levels) {
    std::string text;
    for (const CompletionLevel& level : levels) {
        if (level.path.empty()) continue;
        text += (text.empty() ? "" : "|") + level.path;
    }
    return text;
}

std::string casesOfValues(const std::vector<CompletionLevel>& levels) {
    std::set<std::string> words;
    for (const CompletionLevel& level : levels) {
        for (const CompletionWord& option : level.options) {
            if (option.takesValue) words.insert(option.word);
        }
    }
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : "|") + word;
    return text;
}

std::string loopOver(const std::vector<CompletionLevel>& levels, const std::string& word) {
    return "        if [[ -n $skip ]]; then skip=; continue; fi\n"
           "        case " +
           word + " in " + casesOfValues(levels) +
           ") skip=yes; continue;; esac\n"
           "        case $verb/" +
           word + " in " + casesOfVerbs(levels) + ") verb=$verb/" + word + ";; esac\n";
}

std::string plainWords(const std::vector<CompletionWord>& words) {
    std::string text;
    for (const CompletionWord& word : words) text += (text.empty() ? "" : " ") + word.word;
    return text;
}

// The values that an option takes, for each that takes but a few.
std::string casesOfMembers(const std::vector<CompletionLevel>& levels, const std::string& begin,
                           const std::string& end) {
    std::string text;
    std::set<std::string> seen;
    for (const CompletionLevel& level : levels) {
        for (const CompletionWord& option : level.options) {
            if (option.values.empty() || !seen.insert(option.word).second) continue;
            std::string values;
            for (const std::string& value : option.values) {
                values += (values.empty() ? "" : " ") + value;
            }
            text += "        " + option.word + ") " + begin + values + end + "; return;;\n";
        }
    }
    return text;
}

// For single quotes of a shell, with the colons that _describe would cut at.
std::string quoted(const std::string& text) {
    std::string result;
    for (const char c : text) {
        if (c == ':') result += '\\';
        result += c == '\'' ? std::string("'\\''") : std::string(1, c);
    }
    return result;
}

std::string described(const std::vector<CompletionWord>& words) {
    std::string text;
    for (const CompletionWord& word : words) {
        text += " '" + word.word + ":" + quoted(word.about) + "'";
    }
    return text;
}

}  // namespace

std::string bashCompletion(const CLI::App& app) {
    const std::vector<CompletionLevel> levels = completionLevels(app);
    std::string text =
        "# Completion of coffer for bash, made by 'coffer completion bash'.\n"
        "_coffer() {\n"
        "    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}\n"
        "    local verb= skip= word words=\n"
        "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD - 1}\"; do\n" +
        loopOver(levels, "$word") +
        "    done\n"
        "    COMPREPLY=()\n"
        "    case $before in\n" +
        casesOfMembers(levels, "COMPREPLY=($(compgen -W '", "' -- \"$current\"))") + "        " +
        casesOfValues(levels) +
        ") return;;\n"
        "    esac\n"
        "    case $verb in\n";
    for (const CompletionLevel& level : levels) {
        text += "        '" + level.path + "') words='" + plainWords(level.verbs) + "'\n";
        text += "            [[ $current == -* ]] && words='" + plainWords(level.options) + "';;\n";
    }
    return text +
           "    esac\n"
           "    COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
           "}\n"
           "complete -o bashdefault -o default -F _coffer coffer\n";
}

std::string zshCompletion(const CLI::App& app) {
    const std::vector<CompletionLevel> levels = completionLevels(app);
    std::string text =
        "#compdef coffer\n"
        "# Completion of coffer for zsh, made by 'coffer completion zsh'.\n"
        "_coffer() {\n"
        "    local verb= skip= word\n"
        "    local -a verbs options\n"
        "    for word in ${words[2,CURRENT-1]}; do\n" +
        loopOver(levels, "$word") +
        "    done\n"
        "    case ${words[CURRENT-1]} in\n" +
        casesOfMembers(levels, "compadd -- ", "") + "        " + casesOfValues(levels) +
        ") _files; return;;\n"
        "    esac\n"
        "    case $verb in\n";
    for (const CompletionLevel& level : levels) {
        text += "        '" + level.path + "')\n            verbs=(" + described(level.verbs) +
                ")\n            options=(" + described(level.options) + ");;\n";
    }
    return text +
           "    esac\n"
           "    if [[ ${words[CURRENT]} == -* ]]; then\n"
           "        _describe -o option options\n"
           "    elif (( ${#verbs} )); then\n"
           "        _describe verb verbs\n"
           "    else\n"
           "        _files\n"
           "    fi\n"
           "}\n"
           "if [[ ${funcstack[1]} == _coffer ]]; then _coffer \"$@\"; else compdef _coffer coffer; "
           "fi\n";
}

}  // namespace coffer::cli
