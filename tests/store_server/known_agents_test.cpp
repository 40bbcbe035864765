#include "store_server/known_agents.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/scratch_folder.h"

namespace coffer {
namespace {

struct KnownAgentsTest : testing::Test {
    // As the server does: a new file in the place of the one before.
    void write(const std::string& text) {
        std::ofstream(folder / "new") << text;
        std::filesystem::rename(folder / "new", folder / "agents");
    }

    static CertificateFacts agent(char digit, Role role = Role::agent) {
        CertificateFacts facts;
        facts.name = "of-the-day-it-enrolled";
        facts.role = role;
        facts.fingerprint = std::string(64, digit);
        return facts;
    }

    static std::string listOf(const rpc::AgentList& agents) { return rpc::encodeAgentList(agents); }

    ScratchFolder folder;
    const std::unique_ptr<Disk> disk = makeSystemDisk();
    KnownAgents known{*disk, folder / "agents"};
};

TEST_F(KnownAgentsTest, LetsInWhomTheFileNamesFromNowOn) {
    EXPECT_FALSE(known.accepts(agent('a')));
    write(listOf({{std::string(64, 'a'), "laptop"}}));
    EXPECT_TRUE(known.accepts(agent('a')));
    EXPECT_FALSE(known.accepts(agent('b')));
    write(listOf({{std::string(64, 'b'), "laptop"}}));
    EXPECT_FALSE(known.accepts(agent('a')));
    EXPECT_TRUE(known.accepts(agent('b')));
}

TEST_F(KnownAgentsTest, SeesANewListWhereTheOldOneHasAnotherName) {
    write(listOf({{std::string(64, 'a'), "laptop"}}));
    EXPECT_TRUE(known.accepts(agent('a')));
    std::filesystem::create_hard_link(folder / "agents", folder / "copy");
    write(listOf({{std::string(64, 'b'), "laptop"}}));
    EXPECT_FALSE(known.accepts(agent('a')));
}

TEST_F(KnownAgentsTest, LetsInAgentsAlone) {
    write(listOf({{std::string(64, 'a'), "laptop"}}));
    for (const Role role : {Role::client, Role::server, Role::store}) {
        EXPECT_FALSE(known.accepts(agent('a', role)));
    }
}

TEST_F(KnownAgentsTest, LetsNobodyInWithoutAList) {
    write(listOf({{std::string(64, 'a'), "laptop"}}));
    EXPECT_TRUE(known.accepts(agent('a')));
    write("nonsense");
    EXPECT_FALSE(known.accepts(agent('a')));
    write(listOf({{std::string(64, 'a'), "laptop"}}));
    EXPECT_TRUE(known.accepts(agent('a')));
    std::filesystem::remove(folder / "agents");
    EXPECT_FALSE(known.accepts(agent('a')));
}

TEST_F(KnownAgentsTest, KnowsAnAgentByItsPresentName) {
    write(listOf({{std::string(64, 'a'), "renamed"}}));
    rpc::Caller caller;
    caller.peer = agent('a');
    EXPECT_EQ(known.asKnown(caller).peer->name, "renamed");
    caller.peer = agent('b');
    EXPECT_FALSE(known.asKnown(caller).peer);
}

}  // namespace
}  // namespace coffer
