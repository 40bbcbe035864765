#include "management_server/objects/agent_tree.h"

#include <gtest/gtest.h>

#include "core/rpc/orb.h"
#include "tests/management_server/objects/fake_agent.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

/// An agent of an earlier version, in this process.
struct AgentTreeTest : testing::Test {
    template <class Servant>
    CORBA::Object_ptr activate(const char* name, const Servant& servant) {
        const PortableServer::ObjectId_var id = PortableServer::string_to_ObjectId(name);
        poa->activate_object_with_id(id, servant.in());
        return poa->id_to_reference(id);
    }

    Coffer::AgentControl_var control() {
        ++asked;
        if (away) throw Error(ErrorCode::unavailable, "the agent is away");
        return attached;
    }

    rpc::Orb orb{rpc::OrbSettings{rpc::OrbRole::embedded}};
    PortableServer::POA_var poa = orb.poa("agents of the test");
    PortableServer::Servant_var<FakeAgent> agent = new FakeAgent;
    CORBA::Object_var made = activate("agent", agent);
    Coffer::AgentControl_var attached = Coffer::AgentControl::_narrow(made);
    std::atomic<int> closed{0};
    bool away = false;
    int asked = 0;
    CancelToken cancel;
    AgentTree tree{"laptop", [this](const std::string&) { return control(); }, cancel, false,
                   std::chrono::seconds(0)};
};

TEST_F(AgentTreeTest, AsksTheAgent) {
    EXPECT_EQ(tree.stat("/a").size, 7U);
    EXPECT_EQ(tree.read("/a", 3, 5).size(), 5U);
    tree.write("/a", 3, bytesOf("xy"));
    tree.move("/a", "/b");
    tree.erase("/b", false);
    EXPECT_EQ(agent->asked(), (std::vector<std::string>{"stat /a", "read /a 3 5", "write /a 3 2",
                                                        "move /a /b", "erase /b"}));
}

TEST_F(AgentTreeTest, ListsAllPages) {
    agent->entries = [](unsigned) { return numbered(0, 2'000); };
    const PortableServer::Servant_var<FakeIterator> rest = new FakeIterator(
        [](unsigned, Coffer::Entries& page) {
            const Coffer::Entries_var more = numbered(2'000, 3);
            page = more.in();
            return false;
        },
        closed);
    const CORBA::Object_var reference = activate("rest", rest);
    agent->rest = Coffer::EntryIterator::_narrow(reference);
    const auto cursor = tree.list("/d");
    int count = 0;
    while (const auto entry = cursor->next()) EXPECT_EQ(entry->name, std::to_string(count++));
    EXPECT_EQ(count, 2'003);
}

TEST_F(AgentTreeTest, AnAgentOfAnEarlierVersionSaysSo) {
    expectError(ErrorCode::unsupported, [&] { tree.flush("/a"); });
    expectError(ErrorCode::unsupported, [&] { tree.settle("/a", "/b", {}, {}); });
    expectError(ErrorCode::unsupported, [&] { tree.eraseAs("/a", {}); });
    expectError(ErrorCode::unsupported, [&] { tree.createLink("/a", "b"); });
}

TEST_F(AgentTreeTest, AnAgentThatIsAwayIsNotWaitedForAtFirst) {
    away = true;
    expectError(
        ErrorCode::unavailable, [&] { tree.stat("/a"); }, "laptop is away");
    EXPECT_EQ(asked, 1);
}

TEST_F(AgentTreeTest, WhatAnotherProcessWroteIsNotBuiltOn) {
    const PortableServer::Servant_var<FakeAgent> again = new FakeAgent;
    const CORBA::Object_var other = activate("agent after a power failure", again);
    tree.write("/a", 0, bytesOf("x"));
    attached = Coffer::AgentControl::_narrow(CORBA::Object_var(poa->id_to_reference(
        PortableServer::ObjectId_var(PortableServer::string_to_ObjectId("agent")))));
    tree.write("/a", 1, bytesOf("x"));  // it has attached anew
    attached = Coffer::AgentControl::_narrow(other);
    EXPECT_EQ(tree.stat("/a").size, 7U);
    again->asked();
    for (int times = 0; times < 2; ++times) {
        const auto refused = [](const std::function<void()>& work) {
            expectError(ErrorCode::unavailable, work, "started anew");
        };
        refused([&] { tree.write("/a", 2, bytesOf("x")); });
        refused([&] { tree.settle("/a", "/b", {}, {}); });
        refused([&] { tree.flush("/"); });
        refused([&] { tree.eraseAs("/a", {}); });
        attached = Coffer::AgentControl::_narrow(made);
    }
    EXPECT_TRUE(again->asked().empty());
}

TEST_F(AgentTreeTest, AnAgentDoesNotStopTheRun) {
    agent->before = [] { throw Error(ErrorCode::internal, "a defect"); };
    expectError(ErrorCode::ioError, [&] { tree.stat("/a"); });
    agent->before = [] { throw Error(ErrorCode::cancelled, "I stop"); };
    expectError(ErrorCode::unavailable, [&] { tree.stat("/a"); });
    cancel.request();
    expectError(ErrorCode::cancelled, [&] { tree.stat("/a"); });
}

TEST_F(AgentTreeTest, AnAgentThatIsNoMoreEndsTheRun) {
    AgentTree gone{"laptop",
                   [](const std::string&) -> Coffer::AgentControl_var {
                       throw Error(ErrorCode::notFound, "no such agent");
                   },
                   cancel, true};
    try {
        gone.stat("/a");
        ADD_FAILURE();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::unavailable);
        EXPECT_TRUE(error.endsRun());
    }
}

TEST_F(AgentTreeTest, AListThatBreaksOffIsNotBelieved) {
    agent->entries = [](unsigned) { return numbered(0, 2); };
    const PortableServer::Servant_var<FakeIterator> rest =
        new FakeIterator([](unsigned, Coffer::Entries&) { return true; }, closed);
    const CORBA::Object_var reference = activate("rest", rest);
    agent->rest = Coffer::EntryIterator::_narrow(reference);
    expectError(ErrorCode::untrusted, [&] { tree.list("/d"); });
}

TEST_F(AgentTreeTest, OfEntriesOnlyWhatIsNeededIsKept) {
    agent->entries = [](unsigned) {
        auto* entries = numbered(0, 1);
        (*entries)[0].more.length(2);
        (*entries)[0].more[0].name = "link-target";
        (*entries)[0].more[0].value = "there";
        (*entries)[0].more[1].name = "link-target-and-more";
        (*entries)[0].more[1].value = std::string(10'000, 'x').c_str();
        return entries;
    };
    EXPECT_EQ(tree.list("/d")->next()->more,
              (std::map<std::string, std::string>{{"link-target", "there"}}));
    agent->entries = [](unsigned) {
        auto* entries = numbered(0, 1);
        (*entries)[0].more.length(1);
        (*entries)[0].more[0].name = "link-target";
        (*entries)[0].more[0].value = std::string(10'000, 'x').c_str();
        return entries;
    };
    expectError(ErrorCode::untrusted, [&] { tree.list("/d"); });
}

TEST_F(AgentTreeTest, AnswersThatMakeNoSenseAreRefused) {
    expectError(ErrorCode::untrusted, [&] { tree.read("/a", 0, 4); });
    agent->entries = [](unsigned) { return numbered(0, 2'001); };
    expectError(ErrorCode::untrusted, [&] { tree.list("/d"); });
    agent->entries = [](unsigned) {
        auto* entries = numbered(0, 1);
        (*entries)[0].name = rpc::toPath("../x");
        return entries;
    };
    expectError(ErrorCode::untrusted, [&] { tree.list("/d"); });
    agent->facts = 1'000;
    expectError(ErrorCode::untrusted, [&] { tree.stat("/a"); });
}

}  // namespace
}  // namespace coffer
