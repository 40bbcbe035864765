#include "rescue/kit_reader.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"

namespace coffer::rescue {
namespace {

// The example of docs/formats/recovery-kit.md; its keys are in docs/formats/keys.md.
constexpr std::string_view example =
    "Keep this safe.\n"
    "    K1: 04002-0G30G-2GC1R-81450 *8\n"
    "    K2: P30D1-R7J08-924CJ-2A9H7 *Z\n"
    "    K3: 50MJM-ASC5M-Q2YC1-H68SK *W\r\n"
    "    K4: 8D9P6-WW3JE-HV7GY-KWFSK *B\n"
    "    K5: HRPWW *1";

std::string replaced(std::string_view from, std::string_view to) {
    std::string text(example);
    return text.replace(text.find(from), from.size(), to);
}

TEST(KitReader, ReadsTheDocumentedExample) {
    const Kit kit = readKit(example);
    EXPECT_EQ(kit.repository.hex(), "000102030405060708090a0b0c0d0e0f");
    EXPECT_EQ(toHex(kit.rootBox.secretKey.view()),
              "379d236d10cca844c79d47afe01d2a2ebd656d7346dda0a15c28a25ebcab1e63");
    EXPECT_EQ(kit.rootBox.publicKey.hex(),
              "36b017b815744868c0a71d481e85f14ea5a3d53568c32a9cc0a2ee9214aec467");
    EXPECT_EQ(kit.rootVerify.hex(),
              "23ce93e5c3b9deb62d5c762a11bd2f9b93d7521f0a3442c8d8f4af9f71ecf7ad");
}

TEST(KitReader, ForgivesHowPeopleWrite) {
    const Kit kit = readKit(replaced("    K1: 04002-0G30G-2GC1R-81450 *8\n    K2:",
                                     "> k1:o4oo2-og3og-2gcir-8i450*8\nKey: no\n> \t k2:"));
    EXPECT_EQ(kit.rootVerify, readKit(example).rootVerify);
}

TEST(KitReader, NamesTheLineWithATypingError) {
    const auto refused = [](const std::string& text, const std::string& about) {
        expectError(
            ErrorCode::invalidArgument, [&] { readKit(text); }, about);
    };
    refused(replaced("50MJM", "50MJN"), "K3");
    refused(replaced("50MJM", "50MJU"), "K3");
    refused(replaced("50MJM", "50MJM0"), "K3");
    refused(replaced("*W", "*V"), "K3");
    refused(replaced("K2", "K3"), "K2");
    refused(replaced("    K5: HRPWW *1", ""), "missing");
    refused("nothing of the kind: at all", "no key line");
    refused("", "no key line");
}

TEST(KitReader, RefusesTheKitsOfOtherFormats) {
    const auto refused = [](const std::string& text, const std::string& why) {
        expectError(
            ErrorCode::unsupported, [&] { readKit(text); }, why);
    };
    const auto withLines = [](std::string_view first, std::string_view fourth,
                              std::string_view fifth) {
        std::string text(example);
        text.replace(text.find("K1:"), 30, first);
        text.replace(text.find("K4:"), 30, fourth);
        return text.replace(text.find("K5:"), 12, fifth);
    };
    refused(withLines("K1: 00002-0G30G-2GC1R-81450 *4", "K4: 8D9P6-WW3JE-HV7GY-KWFWZ *D",
                      "K5: VY6K0 *D"),
            "never released");
    refused(withLines("K1: 08002-0G30G-2GC1R-81450 *W", "K4: 8D9P6-WW3JE-HV7GY-KWFRN *F",
                      "K5: VG2ZA *G"),
            "newer version");
    // Mistyped, though the check character of its line holds.
    expectError(
        ErrorCode::invalidArgument,
        [&] {
            readKit(withLines("K1: 08002-0G30G-2GC1R-81450 *W", "K4: 8D9P6-WW3JE-HV7GY-KWFSK *B",
                              "K5: HRPWW *1"));
        },
        "checksum");
}

}  // namespace
}  // namespace coffer::rescue
