#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/update/version.h"

namespace coffer {

/// What an agent remembers of its versions, and by that decides which one it is to be
/// (docs/updates.md, "Switching"). A value. No version means the installed program.
///
///     accept ─► (staged) ─► beginTrial ─┬─► confirm    the new one is current
///                                       └─► fail       the one before stays current
class VersionRecord {
  public:
    static constexpr std::uint32_t mostTrials = 3;  // that were begun and whose end nobody saw
    static constexpr std::uint32_t mostStarts = 5;  // of the current one that did not go on

    using Staged = std::optional<Version>;

    Staged current;   // has attached once
    Staged previous;  // was current before
    Staged trial;     // is being tried
    std::uint32_t trials = 0;
    std::uint32_t starts = 0;
    Version highest;  // that ever was confirmed: nothing older is taken

    enum class End {
        succeeded,
        failed,  // it was tried, or was current already
        refused  // before it was tried
    };

    /// How the last update ended.
    struct Outcome {
        Version version;
        End end = End::failed;
        std::string message;  // why it did not succeed

        bool operator==(const Outcome&) const = default;
    };
    std::optional<Outcome> outcome;

    /// Throws Error(conflict), unless `offered` may follow the one that runs.
    void requireNewer(const Version& offered, const Version& running) const;

    /// An offer was taken: what became of the last one is forgotten.
    void accept() { outcome.reset(); }

    void beginTrial(const Version& version);

    /// Another attempt at the trial. False when there were too many: then it has failed.
    bool tryAgain();

    /// The version under trial has attached. Nothing when it is not under trial.
    void confirm(const Version& version);

    /// The version under trial, or the current one, is no good: the one before counts.
    void fail(const Version& version, const std::string& why);

    /// A version that was fetched, or should have been, is not even tried: what is current stays.
    void refuse(const Version& version, const std::string& why);

    /// The current one is about to be started. False when it was too often: then it has failed.
    bool start();

    /// The program has shown that it goes on.
    void started() { starts = 0; }

    /// The installed program is as new as the current one: forget that.
    void prefer(const Version& installed);

    /// Whether its files are still needed.
    bool needs(const Version& version) const;

    std::string encode() const;

    /// Throws Error(corrupt).
    static VersionRecord decode(std::string_view text);

    bool operator==(const VersionRecord&) const = default;
};

/// As records and agents' facts call it: "succeeded"… Pure.
std::string_view nameOf(VersionRecord::End end);

}  // namespace coffer
