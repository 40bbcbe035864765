#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/agent/run_supervisor.h"
#include "core/agent/worker_pipe.h"
#include "core/agent/worker_process.h"
#include "core/base/guarded.h"

namespace coffer {

/// What a test and the supervised worker share: the steady clock, what the worker says, and what
/// was done to it. Safe to share.
struct WorkerScript {
    struct State {
        RunSupervisor::Time now{};
        std::deque<WorkerEvent> events;
        std::vector<std::string> sent;
        bool inputClosed = false;
        bool terminated = false;
        bool killed = false;
        bool ended = false;
        bool woken = false;
    };
    Guarded<State> state;

    /// Called after each thing that is done to the worker ("send", "close", "terminate", "kill"),
    /// so that it can react.
    std::function<void(const std::string&)> reaction;

    void says(const WorkerReport& report) {
        std::string line = encodeReport(report);
        line.pop_back();
        add({WorkerEvent::Kind::report, std::move(line)});
    }
    void ends() {
        state.change([](State& s) { s.ended = true; });
    }
    void add(WorkerEvent event) {
        state.change([&](State& s) { s.events.push_back(std::move(event)); });
    }
    RunSupervisor::Time now() const {
        return state.with([](const State& s) { return s.now; });
    }
};

/// A worker without a process. When it has nothing to say, it either lets the clock run on to the
/// end of the patience or waits until the test goes on.
class ScriptedWorker : public WorkerProcess {
  public:
    enum class Idle { timePasses, waits };

    ScriptedWorker(WorkerScript& script, Idle idle) : script_(script), idle_(idle) {}

    WorkerEvent next(std::chrono::milliseconds patience) override {
        const auto ready = [this](const WorkerScript::State& s) {
            return idle_ == Idle::timePasses || !s.events.empty() || s.ended || s.woken;
        };
        return script_.state.when(ready, [&](WorkerScript::State& s) -> WorkerEvent {
            s.woken = false;
            if (!s.events.empty()) {
                WorkerEvent event = std::move(s.events.front());
                s.events.pop_front();
                return event;
            }
            if (s.ended) return {WorkerEvent::Kind::ended};
            if (idle_ == Idle::timePasses) s.now += patience;
            return {};
        });
    }
    void send(std::string text) override {
        script_.state.with([&](WorkerScript::State& s) { s.sent.push_back(std::move(text)); });
        react("send");
    }
    void closeInput() override {
        script_.state.with([](WorkerScript::State& s) { s.inputClosed = true; });
        react("close");
    }
    void terminate() override {
        script_.state.with([](WorkerScript::State& s) { s.terminated = true; });
        react("terminate");
    }
    void kill() override {
        script_.state.with([](WorkerScript::State& s) { s.killed = true; });
        react("kill");
    }
    std::string ending() const override { return "exit code 7"; }
    void wake() override {
        script_.state.change([](WorkerScript::State& s) { s.woken = true; });
    }

  private:
    void react(const std::string& to) {
        if (script_.reaction) script_.reaction(to);
    }

    WorkerScript& script_;
    const Idle idle_;
};

}  // namespace coffer
