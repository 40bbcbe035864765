#include "core/repository/recovery_kit.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "core/base/error.h"
#include "core/base/wire.h"
#include "core/repository/envelope.h"

namespace coffer {

namespace {

// Crockford's base32: no I, L, O, U.
constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t groupSize = 5;
constexpr std::size_t groupsPerLine = 4;
constexpr std::uint8_t kitVersion = 1;
constexpr std::size_t checksumSize = 4;
constexpr std::size_t payloadSize = 1 + 16 + 32 + checksumSize;  // version, repository, seed
constexpr std::size_t characters = (payloadSize * 8 + 4) / 5;
constexpr std::size_t groups = (characters + groupSize - 1) / groupSize;

std::string encode(ByteView data) {
    std::string text;
    std::uint32_t buffer = 0;
    int bits = 0;
    for (const std::uint8_t octet : data) {
        buffer = buffer << 8 | octet;
        for (bits += 8; bits >= 5; bits -= 5) text.push_back(alphabet[buffer >> (bits - 5) & 31]);
    }
    if (bits > 0) text.push_back(alphabet[buffer << (5 - bits) & 31]);
    return text;
}

Bytes decode(std::string_view text) {
    Bytes data;
    std::uint32_t buffer = 0;
    int bits = 0;
    for (const char character : text) {
        buffer = buffer << 5 | static_cast<std::uint32_t>(alphabet.find(character));
        bits += 5;
        if (bits >= 8) {
            bits -= 8;
            data.push_back(static_cast<std::uint8_t>(buffer >> bits));
        }
    }
    return data;
}

ByteView checksumOf(const Digest& digest) {
    return digest.view().first(checksumSize);
}

// One character that shows a typing error in the line it stands at the end of: a polynomial over
// GF(2^5), which finds every single wrong character, every two that changed places and the right
// line in the wrong place.
char lineCheck(std::size_t line, std::string_view content) {
    std::size_t check = line;
    for (const char character : content) {
        check = check << 1 ^ ((check & 16) != 0 ? 0x25 : 0) ^ alphabet.find(character);
    }
    return alphabet[check];
}

Bytes payloadOf(const RecoveryKit& kit) {
    WireWriter writer;
    writer.u8(kitVersion);
    writer.raw(kit.repositoryId.view());
    writer.raw(kit.rootSeed.view());
    writer.raw(checksumOf(sha256(writer.bytes())));
    return writer.take();
}

char canonical(char c) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (c == 'O') return '0';
    if (c == 'I' || c == 'L') return '1';
    return c;
}

// "K3: ABCDE-FGHJK-… *X" gives {3, "ABCDEFGHJK…X"}; anything else nothing.
struct KeyLine {
    std::size_t number = 0;
    std::string content;
};

std::optional<KeyLine> parseKeyLine(std::string_view line) {
    const std::size_t start = line.find_first_not_of(" \t>");
    if (start == std::string_view::npos) return {};
    line.remove_prefix(start);
    const std::size_t colon = line.find(':');
    if (line.size() < 3 || (line[0] != 'K' && line[0] != 'k') || colon == std::string_view::npos ||
        colon < 2 || colon > 3) {
        return {};
    }
    KeyLine result;
    for (const char digit : line.substr(1, colon - 1)) {
        if (digit < '0' || digit > '9') return {};
        result.number = result.number * 10 + static_cast<std::size_t>(digit - '0');
    }
    for (const char c : line.substr(colon + 1)) {
        if (c == ' ' || c == '-' || c == '*' || c == '\t' || c == '\r') continue;
        result.content.push_back(canonical(c));
    }
    return result;
}

[[noreturn]] void badLine(std::size_t number) {
    throw Error(ErrorCode::invalidArgument,
                "recovery kit: line K" + std::to_string(number) + " has a typing error");
}

}  // namespace

std::string RecoveryKit::toText(Timestamp created, std::string_view place) const {
    const std::string key = encode(payloadOf(*this));
    std::string lines;
    std::size_t number = 1;
    for (std::size_t at = 0; at < key.size(); ++number) {
        const std::size_t length = std::min(groupSize * groupsPerLine, key.size() - at);
        const std::string content = key.substr(at, length);
        lines += "    K" + std::to_string(number) + ": ";
        for (std::size_t i = 0; i < length; i += groupSize) {
            if (i > 0) lines += '-';
            lines += content.substr(i, groupSize);
        }
        lines += std::string(" *") + lineCheck(number, content) + "\n";
        at += length;
    }
    return "COFFER RECOVERY KIT\n\n"
           "Keep this text where a fire or a thief that takes the computers does not take it\n"
           "too: on paper in a safe, and in a password manager. Whoever holds it together with\n"
           "the repository can read every backup. Without it, a repository whose server is lost\n"
           "cannot be read by anybody.\n\n"
           "Repository: " +
           repositoryId.hex() + "\nPlace:      " + std::string(place) +
           "\nCreated:    " + toIso8601(created) + "\n\nKey:\n" + lines +
           "\nTo restore without the server: coffer-rescue --kit THIS-FILE list REPOSITORY-FOLDER\n"
           "To take the repository over on a new machine: coffer-solo --repo REPOSITORY-FOLDER \\\n"
           "    adopt THIS-FILE\n";
}

RecoveryKit RecoveryKit::fromText(std::string_view text) {
    std::string key;
    std::size_t expected = 1;
    while (!text.empty() && key.size() < characters) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const auto line = parseKeyLine(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (!line) continue;
        if (line->number != expected) badLine(expected);
        std::string content = line->content;
        const std::size_t length = std::min(groupSize * groupsPerLine, characters - key.size());
        if (content.size() != length + 1 ||
            content.find_first_not_of(alphabet) != std::string::npos) {
            badLine(expected);
        }
        const char check = content.back();
        content.pop_back();
        if (lineCheck(expected, content) != check) badLine(expected);
        key += content;
        ++expected;
    }
    if (key.empty()) throw Error(ErrorCode::invalidArgument, "this is not a recovery kit");
    if (key.size() < characters) {
        throw Error(ErrorCode::invalidArgument,
                    "recovery kit: line K" + std::to_string(expected) + " is missing");
    }
    const Bytes payload = decode(key);
    // The checksum first: what was mistyped must not look like another version.
    const ByteView covered = ByteView(payload).first(payloadSize - checksumSize);
    if (!std::ranges::equal(checksumOf(sha256(covered)),
                            ByteView(payload).subspan(covered.size()))) {
        throw Error(ErrorCode::invalidArgument, "recovery kit: the checksum is wrong");
    }
    WireReader reader(payload);
    during("recovery kit", [&] { checkVersion(reader.u8(), kitVersion); });
    RecoveryKit kit;
    kit.repositoryId = reader.id<RepositoryId>();
    kit.rootSeed = SecretKey::from(reader.raw(32));
    return kit;
}

std::string RecoveryKit::group(unsigned number) const {
    if (number < 1 || number > groups) {
        throw Error(ErrorCode::invalidArgument, "recovery kit: no such group");
    }
    return encode(payloadOf(*this)).substr((number - 1) * groupSize, groupSize);
}

unsigned RecoveryKit::groupCount() {
    return static_cast<unsigned>(groups);
}

}  // namespace coffer
