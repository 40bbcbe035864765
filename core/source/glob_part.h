#pragma once

#include <bitset>
#include <string_view>
#include <vector>

namespace coffer {

/// A shell pattern for one path part: `*`, `?`, `[a-z]`, `[!a-z]`, `[[:digit:]]`, a backslash
/// before what is meant literally. It matches octets, of any case. A value; safe to share once
/// made.
class GlobPart {
  public:
    /// Throws Error(invalidArgument) on an unclosed bracket, an unknown class of characters or a
    /// backslash at the end.
    explicit GlobPart(std::string_view pattern);

    /// Takes at most pattern times text steps, whatever the pattern.
    bool matches(std::string_view text) const;

  private:
    using OctetSet = std::bitset<256>;
    struct Token {
        enum class Kind { literal, anyOctet, anyRun, set } kind;
        char literal = 0;
        std::size_t set = 0;  // in sets_
    };

    std::string_view addSet(std::string_view rest);
    bool accepts(const Token& token, char octet) const;

    std::vector<Token> tokens_;
    std::vector<OctetSet> sets_;
};

}  // namespace coffer
