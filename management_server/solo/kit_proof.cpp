#include "management_server/solo/kit_proof.h"

#include "core/base/random.h"

namespace coffer::solo {

namespace {

constexpr unsigned groupsPerLine = 4;  // in the kit's text
constexpr int tries = 3;

// The groups before it tell only the version and the repository, which anybody knows.
constexpr unsigned firstSecretGroup = 7;

// Evenly enough: there are far fewer groups than values.
unsigned drawGroup() {
    std::uint8_t octets[3];
    fillRandom(octets);
    unsigned value = 0;
    for (const std::uint8_t octet : octets) value = value << 8 | octet;
    return value % (RecoveryKit::groupCount() - firstSecretGroup + 1) + firstSecretGroup;
}

std::string canonical(const std::string& answer) {
    std::string text;
    for (char c : answer) {
        if (c == ' ' || c == '-' || c == '\t' || c == '\r') continue;
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        if (c == 'O') c = '0';
        if (c == 'I' || c == 'L') c = '1';
        text += c;
    }
    return text;
}

}  // namespace

KitQuestion questionAbout(unsigned group) {
    return {group, (group - 1) / groupsPerLine + 1, (group - 1) % groupsPerLine + 1};
}

bool answers(const RecoveryKit& kit, const KitQuestion& question, const std::string& answer) {
    return canonical(answer) == kit.group(question.group);
}

bool proveKept(const RecoveryKit& kit,
               const std::function<std::optional<std::string>(const std::string& question)>& ask) {
    for (int attempt = 0; attempt < tries; ++attempt) {
        const unsigned first = drawGroup();
        unsigned second = drawGroup();
        while (second == first) second = drawGroup();
        bool right = true;
        for (const unsigned group : {first, second}) {
            const KitQuestion question = questionAbout(group);
            const auto answer = ask("Line K" + std::to_string(question.line) + ", group " +
                                    std::to_string(question.position) + " from the left: ");
            if (!answer) return false;
            right = answers(kit, question, *answer) && right;
        }
        if (right) return true;
    }
    return false;
}

}  // namespace coffer::solo
