// coffer-worker: carries out one backup or restore for coffer-workstation-agent, which starts it.
// The order comes as a line on standard input, reports go to standard output
// (core/agent/worker_pipe.h).

#include <CLI/CLI.hpp>
#include <atomic>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <mutex>
#include <thread>

#include "core/base/threads.h"
#include "core/console/command_line.h"
#include "core/console/process.h"
#include "core/rpc/orb.h"
#include "core/trust/pinned_authority.h"
#include "workstation_agent/worker/carry_out.h"
#include "workstation_agent/worker/process_priority.h"
#include "workstation_agent/worker/worker_input.h"

using namespace coffer;
using namespace std::chrono_literals;

namespace {

// How long a run that was asked to stop may take to come to its own end. One that is cancelled has
// to be over within two seconds; one that goes on later uses the time to write down where it is.
constexpr auto cancelPatience = 1500ms;
constexpr auto stopPatience = 8s;

/// Standard output. Safe to share between threads.
class Output {
  public:
    void report(const WorkerReport& report) {
        const std::lock_guard lock(mutex_);
        std::cout << encodeReport(report) << std::flush;
    }

    /// Reports the result and ends the process, whatever else is under way: a call to a server that
    /// does not answer cannot be broken off.
    [[noreturn]] void finish(const WorkerResult& result) {
        const std::lock_guard lock(mutex_);
        std::cout << encodeReport(result) << std::flush;
        std::_Exit(std::cout ? EXIT_SUCCESS : EXIT_FAILURE);
    }

  private:
    std::mutex mutex_;
};

/// What the daemon and signals ask for, until the process ends.
class Watch {
  public:
    Watch(WorkerInput& input, CancelToken& cancel, Output& output)
        : input_(input), cancel_(cancel), output_(output) {}

    bool cancelled() const { return cancelled_; }

    void run() {
        std::optional<std::chrono::steady_clock::time_point> since;
        for (;;) {
            listen();
            if (!cancel_.requested()) continue;
            const auto now = std::chrono::steady_clock::now();
            if (!since) since = now;
            if (now - *since < (cancelled_ ? cancelPatience : stopPatience)) continue;
            output_.finish({cancelled_ ? "cancelled" : "interrupted",
                            "stopped in the middle of a call",
                            "",
                            {}});
        }
    }

  private:
    void listen() {
        if (ended_) return std::this_thread::sleep_for(100ms);
        const WorkerInput::Said said = input_.next(100ms);
        if (said == WorkerInput::Said::nothing) return;
        if (said == WorkerInput::Said::cancel) cancelled_ = true;
        if (said == WorkerInput::Said::end) ended_ = true;
        cancel_.request();
    }

    WorkerInput& input_;
    CancelToken& cancel_;
    Output& output_;
    std::atomic<bool> cancelled_{false};
    bool ended_ = false;
};

[[noreturn]] void work(CancelToken& cancel, Output& output) {
    WorkerInput input;
    const WorkerOrder order = WorkerOrder::decode(input.order());
    giveWay(order.kind, order.options);  // before there are other threads
    Watch watch(input, cancel, output);
    ThreadScope thread;
    thread.start([&] { watch.run(); });

    const SystemClock clock;
    std::optional<rpc::Orb> orb;
    const auto store = [&] {
        rpc::OrbSettings settings;
        settings.role = rpc::OrbRole::worker;
        settings.authorityFile = order.authorityFile;
        settings.identityFile = order.identityFile;
        orb.emplace(settings);
        const CORBA::Object_var object = orb->reach(Endpoint::parse(order.store), "CofferStore");
        return Coffer::Store::_unchecked_narrow(object);
    };
    output.finish(
        carryOut(order, {store, cancel, [&] { return watch.cancelled(); },
                         [&](const WorkerReport& report) { output.report(report); }, clock}));
}

}  // namespace

int main(int count, char** words) {
    prepareProcess();
    CLI::App app("Carries out one run of coffer-workstation-agent, which starts it.");
    dressProgram(app, "coffer-worker", COFFER_VERSION);
    app.require_subcommand(0);
    if (const auto code = parseWords(app, {words + 1, words + count})) return *code;
    Output output;
    try {
        work(stopOnSignals(), output);
    } catch (const std::exception& error) {
        output.finish({"failed", error.what(), "", {}});
    }
}
