#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/guarded.h"
#include "management_server/database/server_database.h"
#include "management_server/settings/setting_table.h"
#include "management_server/settings/settled_settings.h"

namespace coffer {

/// A setting as it is now. Of one that leads to a secret the values are "set" or empty.
struct KnownSetting {
    const SettingRule* rule = nullptr;
    std::string value;      // counts now, or from the next start on
    std::string inForce;    // what the server works with
    std::string origin;     // "default", "file", "panel"
    std::string file{};     // that sets it
    std::string problem{};  // why a value that was set is not used
    SettingMade made{};
};

/// The settings of a server: those of its files, and over them what administrators set while it
/// runs, which server.db keeps with its history. What can be is applied at once, the rest with the
/// next start. Safe to share between threads.
class SettingsKeeper {
  public:
    struct Parts {
        ServerDatabase& database;
        const Clock& clock;
        const std::vector<SettingRule>& rules;
        std::vector<std::string> files;  // what a later one sets counts

        /// Throws Error(invalidArgument) for settings that do not go together.
        SettingsCheck check;

        /// Has the server work with them, as far as it does without a new start. Quick, never
        /// throws, uses no keeper.
        std::function<void(const SettingsFile& file)> apply;
    };

    /// The server works with what files and database say now. All that the parts refer to outlives
    /// it. Throws Error for files that cannot be used.
    explicit SettingsKeeper(Parts parts);

    std::vector<KnownSetting> list() const;           // in the order of the rules
    KnownSetting get(const std::string& name) const;  // Error(notFound)

    /// Throws Error(notFound), (invalidArgument) for what set() would refuse whatever else is set.
    void check(const std::string& name, const std::string& value) const {
        checkSetting(settableRule(parts_.rules, name), value);
    }

    /// Sets a value over that of the files, or takes it away again; gives the new version. Throws
    /// Error(notFound), (invalidArgument), (conflict) when the setting has not this version.
    std::int64_t set(const std::string& user, const std::string& name, const std::string& value,
                     std::int64_t expected);
    std::int64_t reset(const std::string& user, const std::string& name, std::int64_t expected);

    /// Newest first; 1 to 1,000.
    std::vector<SettingEdit> history(const std::string& name, std::int64_t before,
                                     std::uint32_t atMost) const;

    /// All that can be set, as the text of an ini file.
    std::string exportText() const;

    /// What such a text changes: name, before, after. Throws Error(invalidArgument) as set().
    std::vector<SettingEdit> differences(const std::string& text) const;

    /// Makes all of these changes, or none.
    std::vector<SettingEdit> importText(const std::string& user, const std::string& text);

    /// Reads the files anew and applies what can be. Throws Error for files that cannot be used;
    /// nothing has changed then.
    void reload();

  private:
    using Values = SettingsFile::Values;

    struct State {
        SettingsFile files;
        SettledSettings settled;
        Values inForce;  // by name, of all
    };

    State begin() const;
    SettingsMade made() const;
    SettledSettings settleWith(const State& state, const Values& values) const;
    static void requireNoneLost(const SettledSettings& before, const SettledSettings& after,
                                const std::vector<SettingEdit>& edits);
    std::vector<SettingEdit> differences(const State& state, const std::string& text) const;
    std::int64_t edit(const std::string& user, const std::string& name,
                      const std::optional<std::string>& value, std::int64_t expected);
    std::int64_t make(State& state, const std::string& user, std::vector<SettingEdit>& edits,
                      const std::function<void(const SettingsMade&)>& look);
    void put(State& state, SettledSettings settled);
    KnownSetting known(const State& state, const SettingRule& rule, const SettingsMade& made) const;

    const Parts parts_;
    Guarded<State> state_;  // held while a change is made: one after the other
};

}  // namespace coffer
