#pragma once

#include <chrono>
#include <functional>
#include <set>
#include <string>

#include "core/agent/result_spool.h"
#include "core/agent/task_runner.h"
#include "core/base/guarded.h"
#include "core/rpc/convert.h"
#include "idl/agent.hh"
#include "workstation_agent/certificate_renewal.h"

namespace coffer {

/// Keeps the agent attached to its server: attaches, beats, tells progress and hands results over,
/// and attaches anew, after pauses that grow, whenever something has gone wrong. What the server
/// has not taken yet stays in the spool. One thread runs it; wake() and stop() are for all.
class ServerLink {
  public:
    using Time = std::chrono::steady_clock::time_point;

    /// All references outlive the link.
    struct Parts {
        std::function<Coffer::AgentPort_ptr()> port;  // a reference; no connection is needed yet
        Coffer::AgentControl_var control;             // the agent's callback
        TaskRunner& runner;
        ResultSpool& spool;
        CertificateRenewal* renewal = nullptr;  // none: certificates are not used
        std::function<rpc::SettingMap()> facts = [] { return rpc::SettingMap(); };
        std::function<void(const rpc::SettingMap&)> given{};  // called with what the server gives
        std::function<void()> housekeeping = [] {};           // called with each heartbeat
        std::function<void()> heard = [] {};                  // the server has taken a heartbeat
        std::function<Time()> now = std::chrono::steady_clock::now;
        std::function<double()> dice = {};  // 0 to 1, spreads pauses; none: pauses are whole
    };

    explicit ServerLink(Parts parts) : parts_(std::move(parts)) {}

    /// Goes on until stop(), then hands over what it can and tells the server that it goes.
    void run();

    /// There is something new to tell. Safe to call from any thread, quick.
    void wake();
    void stop();

    /// Does what is to be done now, and says when to be called again at the latest. run() calls it,
    /// and tests do.
    Time step();

    /// What run() does at its end.
    void leave();

  private:
    void attach(Time now);
    void beat(Time now);
    void deliver(Time now);
    bool handOver(const ResultSpool::Key& key);
    void tellNews(Time now);
    void renew(Time now);
    void lose(const Error& error, Time now);
    void tellTrouble(const Error& error);

    const Parts parts_;
    Coffer::AgentPort_var port_;
    Coffer::AgentLink_var link_;
    Time attachedAt_{};
    std::chrono::milliseconds pause_{0};  // the one before the next attempt to attach
    std::string lastTrouble_;
    std::set<ResultSpool::Key> refused_;  // results that the server did not take

    // When what is due.
    Time attachAt_{};
    Time beatAt_{};
    Time deliverAt_{};
    Time newsAt_{};
    Time renewAt_{};

    struct State {
        bool woken = false;
        bool stopped = false;
    };
    Guarded<State> state_;
};

}  // namespace coffer
