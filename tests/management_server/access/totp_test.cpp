#include "management_server/access/totp.h"

#include <gtest/gtest.h>

namespace coffer {
namespace {

const Bytes secret = toBytes(bytesOf("12345678901234567890"));

// RFC 4226, appendix D.
TEST(OneTimeCode, IsThatOfRfc4226) {
    const std::vector<std::string> codes = {"755224", "287082", "359152", "969429", "338314",
                                            "254676", "287922", "162583", "399871", "520489"};
    for (std::size_t step = 0; step < codes.size(); ++step) {
        EXPECT_EQ(oneTimeCode(secret, step), codes[step]) << step;
    }
}

// RFC 6238, appendix B, for SHA-1: eight digits at certain times.
TEST(OneTimeCode, IsThatOfRfc6238) {
    const std::vector<std::pair<std::int64_t, std::string>> vectors = {
        {59, "94287082"},
        {1'111'111'109, "07081804"},
        {1'111'111'111, "14050471"},
        {1'234'567'890, "89005924"},
        {2'000'000'000, "69279037"},
        {20'000'000'000, "65353130"}};
    for (const auto& [seconds, code] : vectors) {
        EXPECT_EQ(oneTimeCode(secret, codeStep({seconds, 0}), 8), code) << seconds;
    }
}

TEST(StepOfCode, TakesTheStepBeforeAndAfter) {
    const Timestamp now{1'700'000'010, 0};
    const std::uint64_t step = codeStep(now);
    for (const std::uint64_t near : {step - 1, step, step + 1}) {
        EXPECT_EQ(stepOfCode(secret, oneTimeCode(secret, near), now, 0), near);
    }
    for (const std::uint64_t far : {step - 2, step + 2}) {
        EXPECT_FALSE(stepOfCode(secret, oneTimeCode(secret, far), now, 0));
    }
    for (const char* wrong : {"", "1", "12345", "1234567", "abcdef"}) {
        EXPECT_FALSE(stepOfCode(secret, wrong, now, 0)) << wrong;
    }
}

TEST(StepOfCode, TakesNoneAgain) {
    const Timestamp now{1'700'000'010, 0};
    const std::uint64_t step = codeStep(now);
    EXPECT_FALSE(stepOfCode(secret, oneTimeCode(secret, step), now, step));
    EXPECT_FALSE(stepOfCode(secret, oneTimeCode(secret, step - 1), now, step));
    EXPECT_EQ(stepOfCode(secret, oneTimeCode(secret, step + 1), now, step), step + 1);
}

TEST(StepOfCode, BearsAnyClock) {
    EXPECT_EQ(stepOfCode(secret, oneTimeCode(secret, 1), {-5, 0}, 0), 1U);
    EXPECT_FALSE(stepOfCode(secret, "755224", {-5, 0}, 0));  // step 0 counts as used
}

// RFC 4648, section 10.
TEST(Base32, IsThatOfRfc4648) {
    const std::vector<std::pair<std::string, std::string>> vectors = {{"", ""},
                                                                      {"f", "MY"},
                                                                      {"fo", "MZXQ"},
                                                                      {"foo", "MZXW6"},
                                                                      {"foob", "MZXW6YQ"},
                                                                      {"fooba", "MZXW6YTB"},
                                                                      {"foobar", "MZXW6YTBOI"}};
    for (const auto& [text, code] : vectors) EXPECT_EQ(toBase32(bytesOf(text)), code) << text;
}

TEST(CodeUri, IsWhatAuthenticatorsRead) {
    EXPECT_EQ(codeUri("ann", secret),
              "otpauth://totp/Coffer:ann?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Coffer");
}

}  // namespace
}  // namespace coffer
