#pragma once

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "core/base/random.h"
#include "core/trust/certificate_authority.h"
#include "management_server/agents/agent_registry.h"
#include "management_server/agents/enrolment.h"
#include "tests/support/expect_error.h"
#include "tests/support/refusing_agent.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/test_orb.h"

namespace coffer {

/// An agent's callback that only knows its name.
class NamedControl : public RefusingAgent {
  public:
    explicit NamedControl(std::string name) : name_(std::move(name)) {}

    /// A reference to a new one.
    static Coffer::AgentControl_var make(const std::string& name) {
        const PortableServer::Servant_var<NamedControl> servant = new NamedControl(name);
        return servant->_this();
    }
    static std::string nameOf(Coffer::AgentControl_ptr control) {
        Coffer::Settings_var facts = control->describe();
        return facts[0].value.in();
    }

    Coffer::Settings* describe() override {
        return new Coffer::Settings(rpc::toSettings({{"name", name_}}));
    }

  private:
    const std::string name_;
};

/// Writes down what it is told, as "attached laptop".
class NotingListener : public AgentListener {
  public:
    void attached(const std::string& agent, const Coffer::RunProgressList& active,
                  const std::vector<std::int64_t>& unreported) override {
        notes.push_back("attached " + agent);
        if (failing) throw Error(ErrorCode::ioError, "no room");
        lastActive = active;
        lastUnreported = unreported;
    }
    void detached(const std::string& agent) override { notes.push_back("detached " + agent); }
    void progress(const std::string& agent, const Coffer::RunProgress& news) override {
        notes.push_back("progress " + agent + " " + std::to_string(news.run));
        lastProgress = news;
    }
    void finished(const std::string& agent, const Coffer::RunResult& result) override {
        notes.push_back("finished " + agent + " " + std::to_string(result.run));
        if (failing) throw Error(ErrorCode::ioError, "no room");
        lastResult = result;
    }
    void revoked(const std::string& agent) override { notes.push_back("revoked " + agent); }

    std::vector<std::string> take() { return std::exchange(notes, {}); }

    bool failing = false;
    std::vector<std::string> notes;
    Coffer::RunProgressList lastActive;
    std::vector<std::int64_t> lastUnreported;
    Coffer::RunProgress lastProgress;
    Coffer::RunResult lastResult;
};

/// A server's agents, with an authority of their own.
struct AgentsFixture : testing::Test {
    using Notes = std::vector<std::string>;

    AgentsFixture() { registry.tell(listener); }

    /// What a new agent brings.
    EnrolmentOrder orderFor(const std::string& token) {
        return {token, makeRequest(makePrivateKey(), "any name"), randomId<AgentId>(),
                randomId<VerifyKey>()};
    }

    static rpc::Caller callerOf(const std::string& certificate) {
        rpc::Caller caller;
        caller.peer = factsOf(certificate);
        caller.address = "192.0.2.7";
        return caller;
    }

    /// Enrols an agent; gives what it calls with.
    rpc::Caller enrol(const std::string& name) {
        return callerOf(enrolment.enrol(orderFor(enrolment.makeToken(name, 600, "ann"))));
    }

    LinkKey attach(const rpc::Caller& caller) {
        return registry.attach(caller, {NamedControl::make("any"), {}, {}, {}});
    }

    std::vector<std::string> eventKinds() {
        std::vector<std::string> kinds;
        for (const RecordedEvent& event : events.since(0, 1'000)) kinds.push_back(event.kind);
        return kinds;
    }

    ScratchFolder folder;
    ManualClock clock;
    ManualClock steady;
    ServerDatabase database{folder / "server.db"};
    EventRecorder events{database, clock};
    AgentRegistry registry{database, clock, steady, &events};
    CertificateAuthority authority = CertificateAuthority::create(folder.path(), clock);
    Enrolment enrolment{database, clock, authority, registry, &events};
    NotingListener listener;
};

}  // namespace coffer
