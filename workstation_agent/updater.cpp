#include "workstation_agent/updater.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/service/log.h"

namespace coffer {

namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t block = 1 << 20;
constexpr auto betweenLooks = 500ms;
constexpr std::size_t longestMessage = 500;

}  // namespace

Updater::Updater(Parts parts) : parts_(std::move(parts)) {
    State state;
    try {
        state.record = parts_.folder.record();
    } catch (const Error& error) {
        log(LogLevel::error, "update.record-unreadable", {{"error", error.what()}});
        loseRecord(state);
    }
    if (const auto& outcome = state.record.outcome) {
        state.version = outcome->version;
        const bool done = outcome->end == VersionRecord::End::succeeded;
        state.phase = done ? "done" : nameOf(outcome->end);
        state.message = outcome->message;
    }
    if (parts_.trial) {
        state.version = parts_.running;
        state.phase = "trial";
    }
    state_.with([&](State& its) { its = std::move(state); });
}

// Nothing older than what this agent has got is taken all the same.
void Updater::loseRecord(State& state) const {
    state.recordLost = true;
    try {
        state.record.highest = parts_.folder.newest(parts_.keys);
    } catch (const Error& error) {
        log(LogLevel::error, "update.versions-unreadable", {{"error", error.what()}});
    }
}

void Updater::offer(ByteView octets) {
    if (!parts_.allowed || parts_.keys.empty()) {
        throw Error(ErrorCode::permissionDenied,
                    std::string("agent.ini of this computer forbids updates: ") +
                        (parts_.allowed ? "updates.keys is empty" : "allow.update is not yes"));
    }
    if (parts_.trial) throw Error(ErrorCode::busy, "the agent tries a new version already");
    const PackageHead head = readHead(octets);
    requireSigner(head, parts_.keys);
    if (head.manifest.platform != ownPlatform()) {
        throw Error(ErrorCode::unsupported, "the update is for " + head.manifest.platform +
                                                ", this computer is " + ownPlatform());
    }
    state_.change([&](State& state) {
        const Version& version = head.manifest.version;
        if (state.busy && state.version == version) return;
        if (state.busy) {
            throw Error(ErrorCode::busy, "the agent takes version " + state.version.text());
        }
        state.record.requireNewer(version, parts_.running);
        state.busy = true;
        state.version = version;
        state.phase = "fetching";
        state.message.clear();
        state.offered = toBytes(octets.first(head.size));
    });
}

rpc::SettingMap Updater::facts() const {
    rpc::SettingMap facts{{"platform", ownPlatform()}};
    state_.with([&](const State& state) {
        if (state.phase.empty()) return;
        facts["update-version"] = state.version.text();
        facts["update-state"] = state.phase;
        if (!state.message.empty()) facts["update-message"] = state.message;
    });
    return facts;
}

void Updater::heard() {
    const bool first =
        state_.with([](State& state) { return !std::exchange(state.confirmed, true); });
    if (!first || !parts_.trial) return;
    change([this](VersionRecord& record) { record.confirm(parts_.running); });
    parts_.startOver();
}

void Updater::start() {
    thread_.start([this] { run(); });
}

void Updater::stop() {
    parts_.cancel.request();
    state_.change([](State& state) { state.stopped = true; });
    thread_.join();
}

void Updater::run() {
    if (parts_.trial) return waitForTrial();
    clean();
    const auto due = [](const State& state) { return state.stopped || state.offered; };
    state_.whenOrAt(std::chrono::steady_clock::now() + parts_.proof, due, [](State&) {});
    noteThatItRuns();
    for (;;) {
        const auto head = state_.when(due, [](State& state) {
            return state.stopped ? std::nullopt : std::exchange(state.offered, std::nullopt);
        });
        if (!head) return;
        take(*head);
    }
}

void Updater::noteThatItRuns() {
    try {
        change([](VersionRecord& record) { record.started(); });
    } catch (const Error& error) {
        log(LogLevel::warning, "update.record-unwritable", {{"error", error.what()}});
    }
}

// Also when the process that watches it is gone.
void Updater::waitForTrial() {
    const bool stopped = state_.whenOrAt(
        std::chrono::steady_clock::now() + parts_.limit,
        [](const State& state) { return state.stopped; },
        [](const State& state) { return state.stopped; });
    if (!stopped) parts_.startOver();
}

void Updater::take(const Bytes& octets) {
    const PackageHead head = readHead(octets);
    const Version& version = head.manifest.version;
    try {
        log(LogLevel::info, "update.offered", {{"version", version.text()}});
        change([](VersionRecord& record) { record.accept(); });
        VersionFolder::Incoming incoming(parts_.folder, octets);
        while (incoming.position() < incoming.size()) {
            const auto left = incoming.size() - incoming.position();
            const auto length = static_cast<std::uint32_t>(std::min<std::uint64_t>(block, left));
            const Bytes data = parts_.fetch(head, head.size + incoming.position(), length);
            if (data.empty()) throw Error(ErrorCode::corrupt, "the server's package is too short");
            incoming.add(data);
        }
        incoming.finish();
        parts_.folder.verify(version, parts_.keys);
        parts_.examine(version);
        waitForRuns(version);
    } catch (const std::exception& error) {
        if (parts_.cancel.requested()) return;
        clean();
        refuse(version, error.what());
    }
}

void Updater::waitForRuns(const Version& version) {
    state_.with([](State& state) {
        state.phase = "waiting";
        state.message = "for the runs that are at work";
    });
    const auto end = std::chrono::steady_clock::now() + parts_.patience;
    while (!parts_.idle() && std::chrono::steady_clock::now() < end) {
        state_.whenOrAt(
            std::chrono::steady_clock::now() + betweenLooks,
            [](const State& state) { return state.stopped; }, [](State&) {});
        parts_.cancel.check();
    }
    parts_.cancel.check();  // runs that end because the agent does are no reason for a trial
    change([&](VersionRecord& record) { record.beginTrial(version); });
    parts_.startOver();
}

// Without the record nobody knows what is needed.
void Updater::clean() {
    const auto record = state_.with([](const State& state) {
        return state.recordLost ? std::nullopt : std::optional(state.record);
    });
    if (!record) return;
    try {
        parts_.folder.clean(*record);
    } catch (const Error& error) {
        log(LogLevel::warning, "update.not-cleaned", {{"error", error.what()}});
    }
}

void Updater::refuse(const Version& version, const std::string& why) {
    log(LogLevel::error, "update.refused", {{"version", version.text()}, {"error", why}});
    try {
        change([&](VersionRecord& record) { record.refuse(version, why); });
    } catch (const std::exception& error) {
        log(LogLevel::error, "update.record-unwritable", {{"error", error.what()}});
    }
    state_.with([&](State& state) {
        state.phase = nameOf(VersionRecord::End::refused);
        state.message = printable(why.substr(0, longestMessage));
        state.busy = false;
    });
}

void Updater::change(const std::function<void(VersionRecord&)>& work) {
    state_.with([&](State& state) {
        VersionRecord record = state.record;
        work(record);
        if (record == state.record) return;
        parts_.folder.keep(record);
        state.record = record;
    });
}

}  // namespace coffer
