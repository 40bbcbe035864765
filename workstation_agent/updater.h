#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/cancel.h"
#include "core/base/guarded.h"
#include "core/base/threads.h"
#include "core/rpc/convert.h"
#include "core/update/version_folder.h"

namespace coffer {

/// Takes offers of newer versions, fetches and checks them, and has the agent start over when no
/// run is at work; VersionChoice does the rest. offer(), facts() and heard() are safe to share.
class Updater {
  public:
    /// All outlive it.
    struct Parts {
        VersionFolder& folder;
        bool allowed = false;
        std::vector<VerifyKey> keys;
        Version running;
        std::chrono::minutes patience{};  // how long it waits for runs

        /// A stretch of the package, shorter only at its end. Throws Error(cancelled) after a
        /// request to stop.
        std::function<Bytes(const PackageHead&, std::uint64_t offset, std::uint32_t length)> fetch;

        /// Throws unless both programs of a version can be started and say that they are of it.
        std::function<void(const Version&)> examine;

        std::function<bool()> idle;       // no run is at work
        std::function<void()> startOver;  // any thread
        bool trial = false;               // this process is a trial of `running`
        std::chrono::seconds limit{};     // of the trial: then it ends by itself

        /// After so long, or an orderly stop, the version that runs counts as one that can.
        std::chrono::seconds proof{60};

        CancelToken& cancel;
    };

    explicit Updater(Parts parts);
    ~Updater() { stop(); }

    /// The head of a package. Throws Error(permissionDenied) when settings forbid updates,
    /// (untrusted), (corrupt), (unsupported) for another platform, (conflict) when it is not newer,
    /// (busy) while another version is being fetched. Nothing happens when this one is.
    void offer(ByteView head);

    /// "platform", and of the last update "update-version", "update-state" ("fetching", "waiting",
    /// "trial", "done", "failed"; "refused" when it ended before its trial) and "update-message".
    rpc::SettingMap facts() const;

    /// The server has taken a heartbeat: a trial has succeeded.
    void heard();

    void start();
    void stop();

  private:
    struct State {
        VersionRecord record;
        bool recordLost = false;  // there was one that could not be read
        std::optional<Bytes> offered;
        bool busy = false;  // with the version below
        bool stopped = false;
        bool confirmed = false;
        Version version;
        std::string phase;
        std::string message;
    };

    void run();
    void waitForTrial();
    void take(const Bytes& head);
    void waitForRuns(const Version& version);
    void loseRecord(State& state) const;
    void noteThatItRuns();
    void clean();
    void refuse(const Version& version, const std::string& why);
    void change(const std::function<void(VersionRecord&)>& work);

    const Parts parts_;
    Guarded<State> state_;
    ThreadScope thread_;
};

}  // namespace coffer
