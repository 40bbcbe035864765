#include "management_server/metrics/exposition.h"

#include <array>
#include <charconv>
#include <cmath>

namespace coffer {

namespace {

std::string labelText(std::string_view value) {
    std::string text;
    for (const char c : value) {
        if (c == '\n') {
            text += "\\n";
            continue;
        }
        if (c == '"' || c == '\\') text += '\\';
        text += c;
    }
    return text;
}

std::string number(double value) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
    std::array<char, 64> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    return {text.data(), end};
}

}  // namespace

void Exposition::family(std::string_view name, Type type, std::string_view help) {
    name_ = name;
    samples_ = 0;
    text_ += "# HELP " + name_ + " " + std::string(help) + "\n# TYPE " + name_ +
             (type == Type::gauge ? " gauge\n" : " counter\n");
}

void Exposition::add(const Labels& labels, double value) {
    if (++samples_ > mostSamples) {
        ++dropped_;
        return;
    }
    text_ += name_;
    if (!labels.empty()) {
        char before = '{';
        for (const auto& [name, content] : labels) {
            text_ += before;
            text_ += name;
            text_ += "=\"" + labelText(content) + "\"";
            before = ',';
        }
        text_ += '}';
    }
    text_ += " " + number(value) + "\n";
}

}  // namespace coffer
