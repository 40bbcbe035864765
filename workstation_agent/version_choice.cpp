#include "workstation_agent/version_choice.h"

#include "core/base/error.h"
#include "core/service/log.h"

namespace coffer {

namespace {

// A record that cannot be read leads to the installed program.
VersionRecord recordOf(const VersionFolder& folder) {
    try {
        return folder.record();
    } catch (const Error& error) {
        log(LogLevel::error, "update.record-unreadable", {{"error", error.what()}});
        return {};
    }
}

}  // namespace

std::optional<std::string> VersionChoice::choose() {
    record_ = recordOf(parts_.folder);
    const VersionRecord before = record_;
    if (!isStaged()) record_.prefer(parts_.own);
    if (record_ != before) keep();
    if (record_.trial) carryOutTrial();
    while (record_.current) {
        const Version version = *record_.current;
        const bool runs = programOf(version) == parts_.program;
        try {
            // It was checked when it was started, but by the keys of that time.
            if (runs) {
                parts_.folder.head(version, parts_.keys);
            } else {
                check(version);
            }
        } catch (const Error& error) {
            fail(version, error.what());
            continue;
        }
        if (runs) return std::nullopt;
        const bool sound = record_.start();
        keep();
        if (sound) return programOf(version);
    }
    if (!isStaged()) return std::nullopt;
    throw Error(ErrorCode::conflict,
                parts_.program + " is no version that counts any more: start the installed agent");
}

bool VersionChoice::isStaged() const {
    return programOf(parts_.own) == parts_.program;
}

void VersionChoice::carryOutTrial() {
    const Version version = *record_.trial;
    const bool again = record_.tryAgain();
    keep();
    if (!again) return;
    try {
        check(version);
    } catch (const Error& error) {
        log(LogLevel::error, "update.refused",
            {{"version", version.text()}, {"error", error.what()}});
        record_.refuse(version, error.what());
        return keep();
    }
    std::string why;
    Trial trial = Trial::failed;
    try {
        log(LogLevel::info, "update.trial", {{"version", version.text()}});
        trial = parts_.run(programOf(version), why);
    } catch (const Error& error) {
        why = error.what();
    }
    // The trial itself may have written to it.
    record_ = recordOf(parts_.folder);
    if (record_.current == version) return;
    if (trial == Trial::interrupted) throw Error(ErrorCode::cancelled, "stopped during a trial");
    fail(version, trial == Trial::attached ? "it ended without having attached" : why);
}

void VersionChoice::check(const Version& version) const {
    parts_.folder.verify(version, parts_.keys);
    parts_.prepare(programOf(version));
    parts_.prepare(parts_.folder.fileOf(version, UpdateManifest::workerProgram));
}

void VersionChoice::fail(const Version& version, const std::string& why) {
    log(LogLevel::error, "update.failed", {{"version", version.text()}, {"error", why}});
    record_.fail(version, why);
    keep();
}

// With a full disk the agent goes on with what it has decided, and decides the same next time.
void VersionChoice::keep() {
    try {
        parts_.folder.keep(record_);
    } catch (const Error& error) {
        log(LogLevel::error, "update.record-unwritable", {{"error", error.what()}});
    }
}

std::string VersionChoice::programOf(const Version& version) const {
    return parts_.folder.fileOf(version, UpdateManifest::agentProgram);
}

}  // namespace coffer
