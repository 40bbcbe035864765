#include "management_server/runs/call_desk.h"

#include <algorithm>
#include <utility>

namespace coffer {

namespace {

using std::chrono::seconds;

constexpr seconds firstPause{2};  // after a call that failed, doubled each time
constexpr seconds longestPause{60};
constexpr seconds longestWait{600};  // what lies further ahead was set by a clock that ran wrong

Timestamp after(Timestamp now, seconds pause) {
    return {now.seconds + pause.count(), now.nanoseconds};
}

bool isDue(Timestamp due, Timestamp now) {
    return due <= now || due > after(now, longestWait);
}

seconds pauseAfter(unsigned failures) {
    constexpr unsigned enough = 5;  // 2 s * 2^5 are longer than the longest pause
    return std::min(longestPause, firstPause * (1U << std::min(failures, enough)));
}

// The next call to an agent, if it may be called now.
template <class Agent>
std::optional<AgentCall> nextOf(const std::string& name, Agent& agent, Timestamp now) {
    if (!agent.attached || agent.atWork || !isDue(agent.quietUntil, now)) return {};
    if (!agent.cancels.empty()) {
        const std::int64_t run = *agent.cancels.begin();
        agent.cancels.erase(agent.cancels.begin());
        return AgentCall{AgentCall::What::cancel, name, run, agent.visit, 0};
    }
    const auto found = std::ranges::find_if(
        agent.orders, [&](const auto& entry) { return isDue(entry.second.due, now); });
    if (found == agent.orders.end()) return {};
    const AgentCall call{AgentCall::What::order, name, found->first, agent.visit,
                         found->second.repeat};
    agent.orders.erase(found);
    return call;
}

// In turn: the search begins behind the agent that was served last.
template <class State>
std::optional<AgentCall> take(State& state, Timestamp now) {
    auto at = state.agents.upper_bound(state.last);
    for (std::size_t left = state.agents.size(); left > 0; --left, ++at) {
        if (at == state.agents.end()) at = state.agents.begin();
        auto& [name, agent] = *at;
        if (auto call = nextOf(name, agent, now)) {
            agent.atWork = call;
            state.last = name;
            return call;
        }
    }
    return {};
}

// How long until something becomes due by itself.
template <class State>
std::chrono::milliseconds restOf(const State& state, Timestamp now) {
    Timestamp next = after(now, longestPause);
    for (const auto& [name, agent] : state.agents) {
        if (!agent.attached || agent.atWork) continue;
        for (const auto& [run, order] : agent.orders) {
            next = std::min(next, std::max(order.due, agent.quietUntil));
        }
        if (!agent.cancels.empty()) next = std::min(next, agent.quietUntil);
    }
    const std::int64_t rest = (next.seconds - now.seconds) * 1'000 +
                              (std::int64_t{next.nanoseconds} - now.nanoseconds) / 1'000'000;
    return std::chrono::milliseconds(std::max<std::int64_t>(rest, 0) + 1);
}

}  // namespace

template <class Work>
void CallDesk::change(Work&& work) {
    state_.change([&](State& state) {
        ++state.changes;
        work(state);
    });
}

void CallDesk::arrive(const std::string& name) {
    change([&](State& state) {
        Agent& agent = state.agents[name];
        const std::optional<AgentCall> atWork = agent.atWork;
        agent = {};
        agent.attached = true;
        agent.visit = ++state.visits;
        agent.atWork = atWork;
    });
}

void CallDesk::leave(const std::string& name) {
    change([&](State& state) {
        const auto found = state.agents.find(name);
        if (found == state.agents.end()) return;
        Agent away;
        away.atWork = found->second.atWork;
        found->second = away;
        if (!away.atWork) state.agents.erase(found);
    });
}

bool CallDesk::isAttached(const std::string& name) const {
    return state_.with([&](const State& state) {
        const auto found = state.agents.find(name);
        return found != state.agents.end() && found->second.attached;
    });
}

bool CallDesk::isVisiting(const std::string& name, std::uint64_t visit) const {
    return state_.with([&](const State& state) {
        const auto found = state.agents.find(name);
        return found != state.agents.end() && found->second.attached &&
               found->second.visit == visit;
    });
}

void CallDesk::order(const std::string& name, std::int64_t run, seconds pause,
                     std::uint32_t repeat) {
    change([&](State& state) {
        const auto found = state.agents.find(name);
        if (found == state.agents.end() || !found->second.attached) return;
        found->second.orders.insert_or_assign(run, Order{after(clock_.now(), pause), repeat});
    });
}

void CallDesk::cancel(const std::string& name, std::int64_t run) {
    change([&](State& state) {
        const auto found = state.agents.find(name);
        if (found != state.agents.end() && found->second.attached) {
            found->second.cancels.insert(run);
        }
    });
}

std::optional<AgentCall> CallDesk::next() {
    return state_.with([&](State& state) -> std::optional<AgentCall> {
        if (state.stopped) return {};
        return take(state, clock_.now());
    });
}

std::optional<AgentCall> CallDesk::wait() {
    for (;;) {
        std::optional<AgentCall> call;
        std::uint64_t seen = 0;
        std::chrono::milliseconds rest{};
        const bool stopped = state_.with([&](State& state) {
            if (state.stopped) return true;
            const Timestamp now = clock_.now();
            call = take(state, now);
            seen = state.changes;
            if (!call) rest = restOf(state, now);
            return false;
        });
        if (stopped) return {};
        if (call) return call;
        state_.whenOrAt(
            std::chrono::steady_clock::now() + rest,
            [&](const State& state) { return state.stopped || state.changes != seen; },
            [](const State&) {});
    }
}

void CallDesk::sending(const AgentCall& call, std::uint32_t attempt) {
    state_.with([&](State& state) {
        const auto found = state.agents.find(call.agent);
        if (found != state.agents.end() && found->second.atWork) {
            found->second.atWork->repeat = attempt;
        }
    });
}

template <class Work>
void CallDesk::end(const AgentCall& call, Work&& work) {
    change([&](State& state) {
        const auto found = state.agents.find(call.agent);
        if (found == state.agents.end()) return;
        Agent& agent = found->second;
        const std::optional<AgentCall> was = std::exchange(agent.atWork, {});
        if (!agent.attached) {
            state.agents.erase(found);
        } else if (agent.visit == call.visit && was) {
            work(agent, *was);
        }
    });
}

void CallDesk::done(const AgentCall& call) {
    end(call, [](Agent& agent, const AgentCall&) {
        agent.failures = 0;
        agent.quietUntil = {};
    });
}

void CallDesk::failed(const AgentCall& call) {
    end(call, [&](Agent& agent, const AgentCall& was) {
        const Timestamp now = clock_.now();
        agent.quietUntil = after(now, pauseAfter(agent.failures++));
        if (was.what == AgentCall::What::cancel) {
            agent.cancels.insert(was.run);
        } else {
            agent.orders.try_emplace(was.run, Order{now, was.repeat});
        }
    });
}

void CallDesk::stop() {
    change([](State& state) { state.stopped = true; });
}

}  // namespace coffer
