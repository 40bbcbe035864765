#include "core/source/glob_part.h"

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "core/base/error.h"
#include "core/base/printable.h"

namespace coffer {

namespace {

using OctetSet = std::bitset<256>;

[[noreturn]] void refuse(std::string_view why, std::string_view where) {
    throw Error(ErrorCode::invalidArgument,
                std::string(why) + " in pattern at '" + printable(where) + "'");
}

std::uint8_t octetOf(char c) {
    return static_cast<std::uint8_t>(c);
}

/// Membership in a class of the C locale.
bool inClass(std::string_view name, unsigned c) {
    const bool lower = c >= 'a' && c <= 'z';
    const bool upper = c >= 'A' && c <= 'Z';
    const bool digit = c >= '0' && c <= '9';
    const bool graph = c > ' ' && c < 0x7F;
    if (name == "alpha") return lower || upper;
    if (name == "alnum") return lower || upper || digit;
    if (name == "lower") return lower;
    if (name == "upper") return upper;
    if (name == "digit") return digit;
    if (name == "xdigit") return digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (name == "graph") return graph;
    if (name == "print") return graph || c == ' ';
    if (name == "punct") return graph && !lower && !upper && !digit;
    if (name == "blank") return c == ' ' || c == '\t';
    if (name == "space") return c == ' ' || (c >= '\t' && c <= '\r');
    if (name == "cntrl") return c < ' ' || c == 0x7F;
    refuse("unknown class of characters", name);
}

void addClass(OctetSet& set, std::string_view name) {
    for (unsigned c = 0; c < 256; ++c) {
        if (inClass(name, c)) set.set(c);
    }
}

/// One possibly escaped octet from the front of `rest`, which `start` contains.
std::uint8_t takeOctet(std::string_view& rest, std::string_view start) {
    if (!rest.empty() && rest.front() == '\\') rest.remove_prefix(1);
    if (rest.empty()) refuse("unclosed bracket", start);
    const std::uint8_t octet = octetOf(rest.front());
    rest.remove_prefix(1);
    return octet;
}

}  // namespace

/// Takes what follows a '[' from `rest` and returns what follows the matching ']'.
std::string_view GlobPart::addSet(std::string_view rest) {
    const std::string_view start = rest;
    OctetSet set;
    const bool inverse = rest.starts_with('!') || rest.starts_with('^');
    if (inverse) rest.remove_prefix(1);
    for (bool first = true; first || !rest.starts_with(']'); first = false) {
        if (rest.starts_with("[:")) {
            const std::size_t end = rest.find(":]", 2);
            if (end == std::string_view::npos) refuse("unclosed class of characters", start);
            addClass(set, rest.substr(2, end - 2));
            rest.remove_prefix(end + 2);
            continue;
        }
        const std::uint8_t low = takeOctet(rest, start);
        const bool range = rest.size() >= 2 && rest[0] == '-' && rest[1] != ']';
        if (range) rest.remove_prefix(1);
        const std::uint8_t high = range ? takeOctet(rest, start) : low;
        for (unsigned c = low; c <= high; ++c) set.set(c);
    }
    sets_.push_back(inverse ? ~set : set);
    tokens_.push_back({Token::Kind::set, 0, sets_.size() - 1});
    return rest.substr(1);
}

GlobPart::GlobPart(std::string_view pattern) {
    using Kind = Token::Kind;
    for (std::string_view rest = pattern; !rest.empty();) {
        const char c = rest.front();
        rest.remove_prefix(1);
        if (c == '*') {
            if (tokens_.empty() || tokens_.back().kind != Kind::anyRun) {
                tokens_.push_back({Kind::anyRun});
            }
        } else if (c == '?') {
            tokens_.push_back({Kind::anyOctet});
        } else if (c == '[') {
            rest = addSet(rest);
        } else if (c == '\\') {
            if (rest.empty()) refuse("backslash at the end of a part", pattern);
            tokens_.push_back({Kind::literal, rest.front()});
            rest.remove_prefix(1);
        } else {
            tokens_.push_back({Kind::literal, c});
        }
    }
}

bool GlobPart::accepts(const Token& token, char octet) const {
    switch (token.kind) {
        case Token::Kind::literal:
            return token.literal == octet;
        case Token::Kind::anyOctet:
            return true;
        case Token::Kind::set:
            return sets_[token.set][octetOf(octet)];
        case Token::Kind::anyRun:
            break;
    }
    return false;
}

bool GlobPart::matches(std::string_view text) const {
    // Only the last run ever needs to grow: what came before it matched as early as possible.
    constexpr std::size_t none = std::numeric_limits<std::size_t>::max();
    std::size_t token = 0;
    std::size_t at = 0;
    std::size_t afterRun = none;
    std::size_t runEnd = 0;
    while (at < text.size()) {
        if (token < tokens_.size() && tokens_[token].kind == Token::Kind::anyRun) {
            afterRun = ++token;
            runEnd = at;
        } else if (token < tokens_.size() && accepts(tokens_[token], text[at])) {
            ++token;
            ++at;
        } else if (afterRun != none) {
            token = afterRun;
            at = ++runEnd;
        } else {
            return false;
        }
    }
    while (token < tokens_.size() && tokens_[token].kind == Token::Kind::anyRun) ++token;
    return token == tokens_.size();
}

}  // namespace coffer
