#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/guarded.h"
#include "core/rpc/convert.h"
#include "core/service/log.h"
#include "core/source/memory_source.h"
#include "management_server/runs/runs.h"
#include "tests/core/pipeline/pipeline_fixture.h"
#include "tests/support/expect_error.h"
#include "tests/support/memory_folder.h"

namespace coffer {

/// Agents that note what they are told and answer as scripted. Safe to share.
class FakeAgents : public AgentCalls {
  public:
    struct Said {
        std::string agent;
        std::string what;  // "start 7/1", "cancel 7"
        bool operator==(const Said&) const = default;
    };

    Identity identity(const std::string& agent) override {
        return state_.with([&](State& state) {
            if (state.revoked == agent) throw Error(ErrorCode::conflict, "revoked");
            const auto found = state.known.find(agent);
            if (found == state.known.end()) throw Error(ErrorCode::notFound, "no agent " + agent);
            return found->second;
        });
    }
    void startRun(const std::string& agent, const Coffer::RunOrder& order) override {
        const auto number = std::to_string(order.run) + "/" + std::to_string(order.attempt);
        say(agent, "start " + number, &order);
    }
    void cancelRun(const std::string& agent, std::int64_t run) override {
        say(agent, "cancel " + std::to_string(run), nullptr);
    }

    void know(const std::string& agent, const Identity& identity) {
        state_.with([&](State& state) { state.known[agent] = identity; });
    }
    void revoke(const std::string& agent) {
        state_.with([&](State& state) { state.revoked = agent; });
    }

    /// What calls do, after they have been noted and outside of any lock.
    void answer(std::function<void(const Said&)> answer) {
        state_.with([&](State& state) { state.answer = std::move(answer); });
    }

    /// What has been said since the last call.
    std::vector<std::string> heard() {
        return state_.with([](State& state) {
            std::vector<std::string> texts;
            for (const Said& said : std::exchange(state.said, {})) texts.push_back(said.what);
            return texts;
        });
    }
    Coffer::RunOrder lastOrder() {
        return state_.with([](State& state) { return state.lastOrder; });
    }

    /// Waits until that has been said.
    void await(const Said& said) {
        state_.when([&](const State& state) { return std::ranges::count(state.said, said) > 0; },
                    [](State&) {});
    }

  private:
    struct State {
        std::map<std::string, Identity> known;
        std::string revoked;
        std::function<void(const Said&)> answer;
        std::vector<Said> said;
        Coffer::RunOrder lastOrder;
    };
    void say(const std::string& agent, const std::string& what, const Coffer::RunOrder* order) {
        std::function<void(const Said&)> answer;
        state_.change([&](State& state) {
            state.said.push_back({agent, what});
            if (order) state.lastOrder = *order;
            answer = state.answer;
        });
        if (answer) answer({agent, what});
    }

    Guarded<State> state_;
};

/// One repository, "main", with a confirmed kit and a snapshot of the agent "laptop"; another,
/// "new", whose kit nobody has confirmed.
class FakeRepositories : public rpc::RepositoryProvider {
  public:
    FakeRepositories() {
        source_.addFolder("/home");
        source_.addFile("/home/a.txt", bytesOf("some text"));
        snapshot = fixture.backupPaths(source_, {"/home"}).id.hex();
        main_ = std::shared_ptr<Repository>(std::move(fixture.repository));
        setPacks(PackState::verified);
        const RepositoryPlace place{store_, state_, databases_.path(), fixture.clock};
        Repository::create(place);
        new_ = std::make_shared<Repository>(place, Repository::Access::write);
    }

    std::shared_ptr<Repository> open(const std::string& name) override {
        if (opening) opening(name);
        if (name == "main") return main_;
        if (name == "new") return new_;
        throw Error(ErrorCode::notFound, "there is no repository '" + name + "'");
    }
    void changed(const std::string&) override {}

    /// The agent "laptop" commits another snapshot in "main", of this id.
    SnapshotId commit(const SnapshotId& id) {
        BackupRequest request;
        request.paths = {"/home"};
        WriteSession session(*main_, fixture.agent.id, std::nullopt, {.id = id, .tags = {}});
        RunProgress progress;
        ProblemLog problems([](const Problem& it) { ADD_FAILURE() << it.path << it.message; });
        const CancelToken cancel;
        return runBackup(source_, session, main_->agentKeys(fixture.agent), main_->config().chunker,
                         request, {1, 1, fixture.scratch.path(), id}, fixture.clock, progress,
                         problems, cancel)
            .id;
    }

    /// All packs of "main" are in this state from now on.
    void setPacks(PackState state) {
        for (const PackInfo& info : main_->ledger().packs()) {
            if (info.state != state) setPackState(*main_, info.registration.pack, state);
        }
    }

    /// All packs of "main" are damaged, as a verification has found.
    void damagePacks() {
        for (const PackInfo& info : main_->ledger().packs()) {
            const std::string name = packName(info.registration.pack);
            Bytes octets = readAll(fixture.store, name, std::size_t{1} << 24);
            whole_.emplace(name, octets);
            for (std::uint8_t& octet : octets) octet ^= 1;
            fixture.store.put(name, octets);
        }
        setPacks(PackState::suspect);
    }

    /// Forgets what was committed that way, and what became of packs.
    void reset() {
        for (const auto& [name, octets] : whole_) fixture.store.put(name, octets);
        whole_.clear();
        setPacks(PackState::verified);
        for (const SnapshotInfo& info : main_->ledger().snapshots()) {
            const SnapshotId& id = info.registration.id;
            if (id.hex() != snapshot) main_->forget(id);
        }
    }

    /// Made once, since that takes its time; nobody changes the data in it.
    static FakeRepositories& shared() {
        static FakeRepositories repositories;
        repositories.opening = {};
        return repositories;
    }

    PipelineFixture fixture;
    std::string snapshot;
    std::function<void(const std::string& name)> opening;

  private:
    MemorySource source_;
    std::map<std::string, Bytes> whole_;  // packs before they were damaged
    std::shared_ptr<Repository> main_;
    MemoryStore store_;
    MemoryStore state_;
    MemoryFolder databases_;
    std::shared_ptr<Repository> new_;
};

/// A server's runs, with agents "laptop" and "desktop" that are away at first. Nothing happens by
/// itself: runs->work() does what there is to do.
struct RunsFixture : testing::Test {
    RunsFixture() {
        LogSettings quiet;
        quiet.level = LogLevel::error;
        openLog(quiet);
        const AgentIdentity& identity = repositories.fixture.agent;
        agents.know("laptop", {identity.id, identity.sign.verifyKey()});
        const AgentIdentity other = AgentIdentity::random();
        agents.know("desktop", {other.id, other.sign.verifyKey()});
        begin();
    }

    ~RunsFixture() override { repositories.reset(); }

    /// The server begins, after it has ended if it was there.
    void begin() {
        runs.reset();
        database.reset();
        database = std::make_unique<ServerDatabase>(folder / "server.db");
        events = std::make_unique<EventRecorder>(*database, clock);
        runs =
            std::make_unique<Runs>(Runs::Parts{*database, *events, agents, repositories,
                                               [this](const rpc::RunGrant& grant) {
                                                   granted = grant;
                                                   return Bytes{1, 2, 3};
                                               },
                                               clock, works, freeWorks, requireAgent, agentNames},
                                   settings);
    }

    std::int64_t backup(const std::string& agent = "laptop") {
        RunRecord run = runs->starter().backup("ann", agent, {{"/home"}, {}}, "main", {});
        return runs->add(run);
    }

    /// A backup that its attached agent has taken.
    std::int64_t running(const std::string& agent = "laptop") {
        const std::int64_t run = backup(agent);
        runs->work();
        EXPECT_EQ(state(run), "running");
        agents.heard();
        return run;
    }

    std::string state(std::int64_t run) { return std::string(nameOf(runs->get(run).stand.state)); }
    std::string message(std::int64_t run) { return runs->get(run).message; }
    std::uint32_t attempt(std::int64_t run) { return runs->get(run).stand.attempt; }

    // What agents do.
    static Coffer::RunProgress news(std::int64_t run, std::uint32_t attempt,
                                    const rpc::SettingMap& counts = {},
                                    const char* phase = "running") {
        Coffer::RunProgress progress;
        progress.run = run;
        progress.attempt = attempt;
        progress.phase = phase;
        progress.counts = rpc::toSettings(counts);
        return progress;
    }
    void attach(const std::string& agent, const std::vector<Coffer::RunProgress>& active = {},
                const std::vector<std::int64_t>& unreported = {}) {
        Coffer::RunProgressList list;
        list.length(static_cast<CORBA::ULong>(active.size()));
        for (CORBA::ULong i = 0; i < list.length(); ++i) list[i] = active[i];
        runs->listener().attached(agent, list, unreported);
    }
    void detach(const std::string& agent) { runs->listener().detached(agent); }
    Coffer::RunResult result(std::int64_t run, std::uint32_t attempt, const char* outcome) {
        Coffer::RunResult result;
        result.run = run;
        result.attempt = attempt;
        result.outcome = outcome;
        const std::string_view word = outcome;
        const bool done = word == "succeeded" || word == "warnings";
        result.snapshot = done ? repositories.snapshot.c_str() : "";
        return result;
    }
    void finish(std::int64_t run, std::uint32_t attempt, const char* outcome,
                const std::string& agent = "laptop") {
        runs->listener().finished(agent, result(run, attempt, outcome));
    }

    /// Kinds of the events so far, of a run.
    std::vector<std::string> told(std::int64_t run) {
        std::vector<std::string> kinds;
        for (const RecordedEvent& event : events->since(0, 1'000)) {
            if (event.subject == std::to_string(run)) kinds.push_back(event.kind);
        }
        return kinds;
    }

    using Texts = std::vector<std::string>;

    MemoryFolder folder;
    ManualClock clock;
    FakeAgents agents;
    FakeRepositories& repositories = FakeRepositories::shared();
    rpc::RunGrant granted;
    Runs::Settings settings{};
    ServerWorks works;  // beside those that every server knows
    FreeWorks freeWorks;
    std::function<void(SqlDatabase&, const std::string&)> requireAgent;
    RunStarter::AgentNames agentNames;
    std::unique_ptr<ServerDatabase> database;
    std::unique_ptr<EventRecorder> events;
    std::unique_ptr<Runs> runs;
};

}  // namespace coffer
