#include "core/repository/recovery_kit.h"

#include <gtest/gtest.h>

#include <cctype>
#include <utility>

#include "core/repository/root_key.h"
#include "tests/support/expect_error.h"
#include "tests/support/test_repository.h"

namespace coffer {
namespace {

constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

RecoveryKit kitOf(std::uint32_t seed) {
    return {RepositoryId::from(noise(16, seed)), SecretKey::from(noise(32, seed + 1))};
}

std::string textOfKit(const RecoveryKit& kit) {
    return kit.toText({1'800'000'000, 0}, "/srv/backup");
}

struct Line {
    std::size_t start;  // of its 'K'
    std::size_t end;
};

std::vector<Line> keyLines(const std::string& text) {
    std::vector<Line> lines;
    for (char number = '1';; ++number) {
        const std::size_t start = text.find(std::string("    K") + number + ": ");
        if (start == std::string::npos) return lines;
        lines.push_back({start + 4, text.find('\n', start)});
    }
}

char canonical(char c) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (c == 'O') return '0';
    if (c == 'I' || c == 'L') return '1';
    return c;
}

TEST(RootKey, BothPairsFollowFromTheSeed) {
    const RootKey root = RootKey::random();
    const RootKey again = RootKey::fromSeed(root.seed);
    EXPECT_EQ(again.box.publicKey, root.box.publicKey);
    EXPECT_EQ(again.box.secretKey, root.box.secretKey);
    EXPECT_EQ(again.sign.verifyKey(), root.sign.verifyKey());
    EXPECT_NE(root.box.secretKey, root.seed);
    EXPECT_NE(root.sign.seed(), root.seed);
    EXPECT_NE(root.sign.seed(), root.box.secretKey);
    EXPECT_NE(RootKey::random().box.publicKey, root.box.publicKey);
}

TEST(RecoveryKit, SurvivesItsText) {
    for (std::uint32_t seed = 0; seed < 50; ++seed) {
        const RecoveryKit kit = kitOf(seed);
        const std::string text = textOfKit(kit);
        EXPECT_EQ(RecoveryKit::fromText(text), kit);
        EXPECT_NE(text.find(kit.repositoryId.hex()), std::string::npos);
        EXPECT_NE(text.find("/srv/backup"), std::string::npos);
        EXPECT_NE(text.find("2027-01-15T08:00:00Z"), std::string::npos);
    }
}

TEST(RecoveryKit, FindsEveryWrongCharacterAndNamesItsLine) {
    const std::string text = textOfKit(kitOf(7));
    const std::vector<Line> lines = keyLines(text);
    ASSERT_EQ(lines.size(), 5U);
    for (std::size_t line = 0; line < lines.size(); ++line) {
        // From behind "K1: " on.
        for (std::size_t at = lines[line].start + 4; at < lines[line].end; ++at) {
            if (alphabet.find(text[at]) == std::string_view::npos) continue;
            for (const char wrong : std::string(alphabet) + "U?") {
                if (wrong == text[at]) continue;
                std::string changed = text;
                changed[at] = wrong;
                SCOPED_TRACE(testing::Message() << "line " << line + 1 << " at " << at << ": "
                                                << text[at] << " became " << wrong);
                expectError(
                    ErrorCode::invalidArgument, [&] { RecoveryKit::fromText(changed); },
                    "K" + std::to_string(line + 1));
            }
        }
    }
}

TEST(RecoveryKit, FindsTwoNeighboursThatChangedPlaces) {
    const std::string text = textOfKit(kitOf(8));
    for (const Line& line : keyLines(text)) {
        for (std::size_t at = line.start + 4; at + 1 < line.end; ++at) {
            std::string changed = text;
            std::swap(changed[at], changed[at + 1]);
            const bool letters = alphabet.find(text[at]) != std::string_view::npos &&
                                 alphabet.find(text[at + 1]) != std::string_view::npos;
            if (!letters || text[at] == text[at + 1]) continue;
            expectError(
                ErrorCode::invalidArgument, [&] { RecoveryKit::fromText(changed); },
                text.substr(line.start, 2));
        }
    }
}

TEST(RecoveryKit, FindsADamagedLineNumber) {
    const std::string text = textOfKit(kitOf(9));
    const std::vector<Line> lines = keyLines(text);
    for (std::size_t line = 0; line < lines.size(); ++line) {
        for (std::size_t at = lines[line].start; at < lines[line].start + 3; ++at) {
            for (const char wrong : {'X', '1', '4', '9', '#'}) {
                if (wrong == text[at]) continue;
                std::string changed = text;
                changed[at] = wrong;
                expectError(
                    ErrorCode::invalidArgument, [&] { RecoveryKit::fromText(changed); },
                    "K" + std::to_string(line + 1));
            }
        }
    }
}

TEST(RecoveryKit, ForgivesCaseLookAlikesAndSpacing) {
    for (std::uint32_t seed = 0; seed < 20; ++seed) {
        const RecoveryKit kit = kitOf(seed);
        std::string text = textOfKit(kit);
        std::string lower = text;
        std::string lookAlike = text;
        std::string spaced = text;
        for (const Line& line : keyLines(text)) {
            for (std::size_t at = line.start; at < line.end; ++at) {
                lower[at] = static_cast<char>(std::tolower(text[at]));
                if (at < line.start + 4) continue;
                if (text[at] == '0') lookAlike[at] = at % 2 != 0 ? 'O' : 'o';
                if (text[at] == '1') lookAlike[at] = "IiLl"[at % 4];
                if (text[at] == '-' || text[at] == '*') spaced[at] = ' ';
            }
        }
        EXPECT_EQ(RecoveryKit::fromText(lower), kit);
        EXPECT_EQ(RecoveryKit::fromText(lookAlike), kit);
        EXPECT_EQ(RecoveryKit::fromText(spaced), kit);
    }
}

TEST(RecoveryKit, IgnoresWhatStandsAround) {
    const RecoveryKit kit = kitOf(10);
    const std::string text = textOfKit(kit);
    std::string quoted = "On Monday somebody wrote:\r\n> ";
    for (const char c : text) {
        if (c == '\n') quoted += '\r';
        quoted += c;
        if (c == '\n') quoted += "> ";
    }
    EXPECT_EQ(RecoveryKit::fromText(quoted + "\r\n-- \r\nKind regards: K"), kit);
    EXPECT_EQ(RecoveryKit::fromText(text + text), kit);
    std::string bare;
    for (const Line& line : keyLines(text)) {
        bare += text.substr(line.start, line.end - line.start) + "\n";
    }
    EXPECT_EQ(RecoveryKit::fromText(bare), kit);
    bare.pop_back();
    EXPECT_EQ(RecoveryKit::fromText(bare), kit);
}

TEST(RecoveryKit, NamesAMissingLine) {
    const std::string text = textOfKit(kitOf(11));
    const std::vector<Line> lines = keyLines(text);
    for (std::size_t line = 0; line < lines.size(); ++line) {
        std::string cut = text;
        cut.erase(lines[line].start, lines[line].end + 1 - lines[line].start);
        expectError(
            ErrorCode::invalidArgument, [&] { RecoveryKit::fromText(cut); },
            "K" + std::to_string(line + 1));
    }
}

TEST(RecoveryKit, RefusesLinesOfAnotherKitAndOtherTexts) {
    const std::string text = textOfKit(kitOf(12));
    const std::string other = textOfKit(kitOf(20));
    const std::vector<Line> lines = keyLines(text);
    for (const Line& line : lines) {  // each line is sound, all of them together are not
        std::string mixed = text;
        mixed.replace(line.start, line.end - line.start, other, line.start, line.end - line.start);
        EXPECT_NE(mixed, text);
        expectError(ErrorCode::invalidArgument, [&] { RecoveryKit::fromText(mixed); });
    }
    for (const char* foreign : {"", "\n\n", "K", "K1:", "K1: *", "hello", "K1: AAAAA *A\n"}) {
        expectError(ErrorCode::invalidArgument, [&] { RecoveryKit::fromText(foreign); });
    }
}

TEST(RecoveryKit, GroupsAreThoseOfTheText) {
    const RecoveryKit kit = kitOf(13);
    const std::string text = textOfKit(kit);
    std::vector<std::string> printed;
    for (const Line& line : keyLines(text)) {
        for (std::size_t at = line.start + 4; text[at] != '*'; at += 6) {
            printed.push_back(text.substr(at, 5));
        }
    }
    ASSERT_EQ(printed.size(), RecoveryKit::groupCount());
    for (unsigned number = 1; number <= RecoveryKit::groupCount(); ++number) {
        EXPECT_EQ(kit.group(number), printed[number - 1]);
        for (const char c : kit.group(number)) EXPECT_EQ(canonical(c), c);
    }
    expectError(ErrorCode::invalidArgument, [&] { kit.group(0); });
    expectError(ErrorCode::invalidArgument, [&] { kit.group(RecoveryKit::groupCount() + 1); });
}

TEST(RecoveryKit, OfAnotherRepositoryIsRefused) {
    TestRepository mine;
    TestRepository other;
    const RecoveryKit mixed{mine.kit.repositoryId, other.kit.rootSeed};
    for (const RecoveryKit& kit : {other.kit, mixed}) {
        expectError(ErrorCode::wrongKey, [&] { mine->confirmKit(kit); });
        MemoryStore state;
        MemoryFolder databases;
        const RepositoryPlace place{mine.store, state, databases.path(), mine.clock};
        expectError(ErrorCode::wrongKey, [&] { Repository::adopt(place, kit); });
        EXPECT_EQ(state.size("server-keys"), std::nullopt);
    }
    mine.open();  // a refused take-over has locked nobody out
}

TEST(RecoveryKit, IsGivenOutUntilItWasConfirmed) {
    TestRepository setting;  // for its stores only
    MemoryStore store;
    MemoryStore state;
    MemoryFolder databases;
    const RepositoryPlace place{store, state, databases.path(), setting.clock};
    Repository::create(place);
    RecoveryKit kit;
    {
        Repository repository(place, Repository::Access::write);
        EXPECT_FALSE(repository.kitConfirmed());
        kit = repository.kit();
    }
    {
        Repository repository(place, Repository::Access::write);
        EXPECT_EQ(repository.kit(), kit);
        repository.confirmKit(RecoveryKit::fromText(textOfKit(kit)));
        EXPECT_TRUE(repository.kitConfirmed());
        expectError(ErrorCode::conflict, [&] { repository.kit(); });
    }
    Repository repository(place, Repository::Access::write);
    EXPECT_TRUE(repository.kitConfirmed());
    const Bytes kept = readAll(state, "server-keys", 1 << 16);
    EXPECT_EQ(textOf(kept).find(textOf(kit.rootSeed.view())), std::string_view::npos);
}

}  // namespace
}  // namespace coffer
