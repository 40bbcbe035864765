#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/update/version_folder.h"

namespace coffer {

/// Which of its versions an agent has to run: the first thing that is done at its start, by the
/// installed program and by each version that follows (docs/updates.md, "Switching"). Used by one
/// thread.
class VersionChoice {
  public:
    /// How a trial ended.
    enum class Trial { attached, failed, interrupted };

    /// All outlive it.
    struct Parts {
        VersionFolder& folder;
        std::vector<VerifyKey> keys;
        Version own;          // of this program
        std::string program;  // its path

        /// Throws unless the program may be started.
        std::function<void(const std::string& program)> prepare;

        /// Runs a program as a trial, which enters by itself that it has attached. Tells why not.
        std::function<Trial(const std::string& program, std::string& why)> run;
    };

    explicit VersionChoice(Parts parts) : parts_(std::move(parts)) {}

    /// The program to run in place of this one; nothing when it is this one. Carries out a trial
    /// that is due, and enters what came of it. Throws Error(cancelled) when the trial was
    /// interrupted, (conflict) when this is a version that does not count any more.
    std::optional<std::string> choose();

  private:
    bool isStaged() const;
    void carryOutTrial();
    void check(const Version& version) const;
    void fail(const Version& version, const std::string& why);
    void keep();
    std::string programOf(const Version& version) const;

    const Parts parts_;
    VersionRecord record_;
};

}  // namespace coffer
