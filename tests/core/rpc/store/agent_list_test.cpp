#include "core/rpc/store/agent_list.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"

namespace coffer::rpc {
namespace {

const std::string first(64, 'a');
const std::string second(64, '0');

TEST(AgentList, ComesBack) {
    for (const AgentList& agents :
         {AgentList{}, AgentList{{first, "laptop"}}, AgentList{{first, "a b"}, {second, "a b"}}}) {
        EXPECT_EQ(decodeAgentList(encodeAgentList(agents)), agents);
    }
}

TEST(AgentList, RefusesWhatItDoesNotWrite) {
    const std::string good = encodeAgentList({{first, "laptop"}});
    for (std::size_t length = 0; length < good.size(); ++length) {
        expectError(ErrorCode::corrupt, [&] { decodeAgentList(good.substr(0, length)); });
    }
    const std::string head = "coffer agents 1\n";
    for (const std::string& lines :
         {first + "\n", first + " \n", first + " a\n" + first + " b\n", first + "a\n",
          std::string(64, 'A') + " a\n", first.substr(1) + " aa\n", first + " a\x01\n",
          first + " " + std::string(65, 'n') + "\n", std::string("\n")}) {
        expectError(ErrorCode::corrupt, [&] { decodeAgentList(head + lines + "end\n"); });
    }
    expectError(ErrorCode::corrupt, [&] { decodeAgentList("coffer agents 2\nend\n"); });
}

}  // namespace
}  // namespace coffer::rpc
