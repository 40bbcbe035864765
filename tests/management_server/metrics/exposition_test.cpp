#include "management_server/metrics/exposition.h"

#include <gtest/gtest.h>

#include <limits>

namespace coffer {
namespace {

TEST(Exposition, IsExact) {
    Exposition out;
    out.family("coffer_things", Exposition::Type::gauge, "How many things.");
    out.add({{"kind", "a"}, {"name", "b c"}}, 3);
    out.add({{"kind", ""}, {"name", "q\"b\\s\ne"}}, 0.25);
    out.family("coffer_done_total", Exposition::Type::counter, "What is done.");
    out.add(1e300);
    out.add(std::numeric_limits<double>::infinity());
    out.add(std::numeric_limits<double>::quiet_NaN());
    EXPECT_EQ(out.take(),
              "# HELP coffer_things How many things.\n"
              "# TYPE coffer_things gauge\n"
              "coffer_things{kind=\"a\",name=\"b c\"} 3\n"
              "coffer_things{kind=\"\",name=\"q\\\"b\\\\s\\ne\"} 0.25\n"
              "# HELP coffer_done_total What is done.\n"
              "# TYPE coffer_done_total counter\n"
              "coffer_done_total 1e+300\n"
              "coffer_done_total +Inf\n"
              "coffer_done_total NaN\n");
}

TEST(Exposition, KeepsWholeNumbersWhole) {
    Exposition out;
    out.family("a", Exposition::Type::gauge, "b");
    out.add(1'700'000'000'123.0);
    EXPECT_NE(out.take().find("a 1700000000123\n"), std::string::npos);
}

TEST(Exposition, IsBounded) {
    Exposition out;
    for (const char* name : {"a", "b"}) {
        out.family(name, Exposition::Type::gauge, "c");
        for (std::size_t i = 0; i < Exposition::mostSamples + 7; ++i) out.add(1);
    }
    EXPECT_EQ(out.dropped(), 14U);
}

}  // namespace
}  // namespace coffer
