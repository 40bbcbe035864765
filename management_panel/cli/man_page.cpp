#include "management_panel/cli/man_page.h"

#include <string_view>

namespace coffer::cli {

namespace {

// Text that troff shows as it is.
std::string plain(std::string_view text) {
    std::string result;
    bool atLineStart = true;
    for (const char c : text) {
        if (atLineStart && (c == '.' || c == '\'')) result += "\\&";
        if (c == '\\') {
            result += "\\e";
        } else if (c == '-') {
            result += "\\-";
        } else if (c == '\'') {
            result += "\\(aq";
        } else {
            result += c;
        }
        atLineStart = c == '\n';
    }
    return result;
}

std::string inQuotes(std::string_view text) {
    std::string result = "\"";
    for (const char c : plain(text)) result += c == '"' ? std::string("\\(dq") : std::string(1, c);
    return result + "\"";
}

// Lines that keep their ends: examples stand in most of these texts.
std::string preformatted(const std::string& text) {
    return text.empty() ? "" : ".PP\n.nf\n" + plain(text) + "\n.fi\n";
}

std::string fullName(const CLI::App& verb) {
    std::string name = verb.get_name();
    for (const CLI::App* at = verb.get_parent(); at; at = at->get_parent()) {
        name = at->get_name() + " " + name;
    }
    return name;
}

std::string synopsisOf(const CLI::App& verb) {
    std::string text = fullName(verb);
    if (verb.get_parent()) text += " [OPTION...]";
    for (const CLI::Option* option : verb.get_options()) {
        if (!option->get_positional()) continue;
        const bool many = option->get_items_expected_max() > 1;
        const std::string name = option->get_name(true) + (many ? "..." : "");
        text += " " + (option->get_required() ? name : "[" + name + "]");
    }
    return text;
}

std::string describe(const CLI::Option& option) {
    std::string heading;
    if (option.get_positional()) {
        heading = ".I " + inQuotes(option.get_name(true));
    } else {
        std::string names;
        for (const std::string& name : option.get_snames()) names += "-" + name + ", ";
        for (const std::string& name : option.get_lnames()) names += "--" + name + ", ";
        names.resize(names.size() - 2);
        const bool takesValue = option.get_items_expected_max() > 0;
        heading = takesValue
                      ? ".BI " + inQuotes(names) + " " + inQuotes(" " + option.get_type_name())
                      : ".B " + inQuotes(names);
    }
    return ".TP\n" + heading + "\n" + plain(option.get_description()) + "\n";
}

std::string describeOptions(const CLI::App& verb) {
    std::string text;
    for (const CLI::Option* option : verb.get_options()) {
        const bool isHelp = !option->get_lnames().empty() && option->get_lnames()[0] == "help";
        if (!isHelp || !verb.get_parent()) text += describe(*option);
    }
    return text;
}

// A group's verbs follow it.
std::string describeVerbs(const CLI::App& group) {
    std::string text;
    for (const CLI::App* verb : group.get_subcommands({})) {
        text += ".SS " + inQuotes(synopsisOf(*verb)) + "\n" + plain(verb->get_description()) +
                ".\n" + describeOptions(*verb) + preformatted(verb->get_footer()) +
                describeVerbs(*verb);
    }
    return text;
}

}  // namespace

std::string manPage(const CLI::App& app, const std::string& version) {
    return ".TH COFFER 1 \"\" " + inQuotes("Coffer " + version) + " \"Coffer\"\n" +
           ".SH NAME\ncoffer \\- command line of a Coffer backup network\n" +
           ".SH SYNOPSIS\n.B coffer\n[OPTION...] VERB ...\n" + ".SH DESCRIPTION\n" +
           plain(app.get_description()) + "\n" + preformatted(app.get_footer()) +
           ".SH OPTIONS\nOf all verbs; they may stand before or behind the verb.\n" +
           describeOptions(app) + ".SH VERBS\n" + describeVerbs(app) +
           ".SH FILES\n.TP\n.I ~/.config/coffer\n"
           "The certificate of the network\\(aqs authority, the user\\(aqs own with its key, and "
           "the session; or what the environment variable COFFER_CONFIG names.\n";
}

}  // namespace coffer::cli
