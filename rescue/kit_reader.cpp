#include "rescue/kit_reader.h"

#include <algorithm>
#include <optional>
#include <string>

#include "core/base/error.h"
#include "core/base/wire.h"
#include "rescue/object_head.h"

namespace coffer::rescue {

namespace {

constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t kitCharacters = 85;
constexpr std::size_t kitOctets = 53;
constexpr std::size_t checksumOctets = 4;
constexpr std::size_t lineCharacters = 20;

struct KeyLine {
    unsigned number;
    std::string_view rest;
};

[[noreturn]] void typingError(unsigned number, const std::string& what) {
    throw Error(ErrorCode::invalidArgument,
                "recovery kit, line K" + std::to_string(number) + ": " + what);
}

std::optional<KeyLine> keyLine(std::string_view line) {
    const auto start = line.find_first_not_of(" \t>");
    if (start == std::string_view::npos) return std::nullopt;
    line.remove_prefix(start);
    const auto colon = line.find(':');
    if ((line[0] != 'K' && line[0] != 'k') || (colon != 2 && colon != 3)) return std::nullopt;
    unsigned number = 0;
    for (const char digit : line.substr(1, colon - 1)) {
        if (digit < '0' || digit > '9') return std::nullopt;
        number = number * 10 + static_cast<unsigned>(digit - '0');
    }
    return KeyLine{number, line.substr(colon + 1)};
}

char normalised(char character) {
    if (character >= 'a' && character <= 'z') character = static_cast<char>(character - 'a' + 'A');
    if (character == 'O') return '0';
    if (character == 'I' || character == 'L') return '1';
    return character;
}

// Polynomial over GF(2^5) modulo x^5 + x^2 + 1; a kit has five lines, so the number has five bits.
char checkOf(unsigned number, std::string_view content) {
    std::size_t check = number;
    for (const char character : content) {
        check <<= 1;
        if ((check & 32) != 0) check ^= 0b100101;
        check ^= alphabet.find(character);
    }
    return alphabet[check];
}

// The content of a line that must have so many characters, without the check character.
std::string contentOf(const KeyLine& line, std::size_t characters) {
    std::string content;
    for (const char character : line.rest) {
        if (std::string_view(" \t\r-*").find(character) != std::string_view::npos) continue;
        content += normalised(character);
        if (alphabet.find(content.back()) == std::string_view::npos) {
            typingError(line.number, "a character that no kit has");
        }
        if (content.size() > characters + 1) typingError(line.number, "too many characters");
    }
    if (content.size() < characters + 1) typingError(line.number, "too few characters");
    const char check = content.back();
    content.pop_back();
    if (check != checkOf(line.number, content)) typingError(line.number, "mistyped");
    return content;
}

Bytes decoded(const std::string& characters) {
    Bytes octets;
    unsigned bits = 0;
    unsigned held = 0;
    for (const char character : characters) {
        held = (held << 5 | static_cast<unsigned>(alphabet.find(character))) & 0xfff;
        bits += 5;
        if (bits < 8) continue;
        bits -= 8;
        octets.push_back(static_cast<std::uint8_t>(held >> bits));
    }
    return octets;
}

Kit kitFrom(ByteView payload) {
    const ByteView covered = payload.first(payload.size() - checksumOctets);
    const Digest digest = sha256(covered);
    if (textOf(payload.subspan(covered.size())) != textOf(digest.view().first(checksumOctets))) {
        throw Error(ErrorCode::invalidArgument, "recovery kit: the checksum does not hold");
    }
    WireReader in(covered);
    during("recovery kit", [&] { readInnerVersion(in); });
    const auto repository = in.id<RepositoryId>();
    const auto seed = SecretKey::from(in.raw(32));
    const auto boxSeed = deriveKey(seed, {}, bytesOf("coffer root box"));
    const auto signSeed = deriveKey(seed, {}, bytesOf("coffer root sign"));
    return {repository, BoxKeyPair::fromSeed(boxSeed), SigningKey::fromSeed(signSeed).verifyKey()};
}

}  // namespace

Kit readKit(std::string_view text) {
    std::string characters;
    unsigned lines = 0;
    while (!text.empty() && characters.size() < kitCharacters) {
        const auto end = text.find('\n');
        const auto line = keyLine(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (!line) continue;
        if (line->number != ++lines) typingError(lines, "missing, or out of order");
        characters += contentOf(*line, std::min(lineCharacters, kitCharacters - characters.size()));
    }
    if (lines == 0) throw Error(ErrorCode::invalidArgument, "not a recovery kit: no key line");
    if (characters.size() != kitCharacters) {
        throw Error(ErrorCode::invalidArgument, "recovery kit: lines are missing");
    }
    Bytes payload = decoded(characters);
    const Kit kit = kitFrom(ByteView(payload).first(kitOctets));
    wipe(payload);
    return kit;
}

}  // namespace coffer::rescue
