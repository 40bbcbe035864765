#include "management_server/settings/settings_keeper.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/base/clock.h"
#include "core/service/log.h"

namespace coffer {

namespace {

constexpr const char* fromFile = "file";
constexpr const char* fromDefault = "default";

SettingMade madeOf(const SettingsMade& made, const std::string& name) {
    const auto found = made.find(name);
    return found == made.end() ? SettingMade{} : found->second;
}

// What was not used before is not told again.
void logRefused(const std::map<std::string, std::string>& before,
                const std::map<std::string, std::string>& refused) {
    for (const auto& [name, why] : refused) {
        const auto known = before.find(name);
        if (known != before.end() && known->second == why) continue;
        log(LogLevel::warning, "setting.not-used", {{"setting", name}, {"message", why}});
    }
}

void requireVersion(const SettingsMade& made, const std::string& name, std::int64_t expected) {
    const SettingMade present = madeOf(made, name);
    if (present.version == expected) return;
    throw Error(ErrorCode::conflict, name + " was changed by " + present.changedBy + " at " +
                                         toIso8601(present.changed) + ": look again (version " +
                                         std::to_string(present.version) + ", not " +
                                         std::to_string(expected) + ")");
}

}  // namespace

SettingsKeeper::SettingsKeeper(Parts parts) : parts_(std::move(parts)), state_(begin()) {
    state_.with([](const State& state) { logRefused({}, state.settled.refused); });
}

SettingsKeeper::State SettingsKeeper::begin() const {
    const SettingsFile files(parts_.files, parts_.rules);
    State state{files, {files, {}}, {}};
    state.settled = settleWith(state, valuesOf(made()));
    for (const SettingRule& rule : parts_.rules) {
        state.inForce[rule.name] = state.settled.file.text(rule.name);
    }
    return state;
}

SettingsMade SettingsKeeper::made() const {
    return parts_.database.read([](SqlDatabase& database) { return SettingTable(database).all(); });
}

SettledSettings SettingsKeeper::settleWith(const State& state, const Values& values) const {
    return settle(state.files, parts_.rules, values, parts_.check);
}

KnownSetting SettingsKeeper::known(const State& state, const SettingRule& rule,
                                   const SettingsMade& made) const {
    const SettingsFile& file = state.settled.file;
    KnownSetting known{&rule, file.text(rule.name), state.inForce.at(rule.name), fromDefault};
    const std::string origin = file.origin(rule.name);
    if (origin == settingsPanel) {
        known.origin = settingsPanel;
    } else if (!origin.empty()) {
        known.origin = fromFile;
        known.file = origin;
    }
    const auto refused = state.settled.refused.find(rule.name);
    if (refused != state.settled.refused.end()) known.problem = refused->second;
    known.made = madeOf(made, rule.name);
    if (rule.isSecret()) {
        for (std::string* value : {&known.value, &known.inForce}) {
            if (!value->empty()) *value = "set";
        }
    }
    return known;
}

std::vector<KnownSetting> SettingsKeeper::list() const {
    return state_.with([&](const State& state) {
        const SettingsMade all = made();
        std::vector<KnownSetting> list;
        for (const SettingRule& rule : parts_.rules) list.push_back(known(state, rule, all));
        return list;
    });
}

KnownSetting SettingsKeeper::get(const std::string& name) const {
    const SettingRule* rule = findRule(parts_.rules, name);
    if (!rule) settableRule(parts_.rules, name);  // says that there is none
    return state_.with([&](const State& state) { return known(state, *rule, made()); });
}

std::int64_t SettingsKeeper::set(const std::string& user, const std::string& name,
                                 const std::string& value, std::int64_t expected) {
    check(name, value);
    return edit(user, name, value, expected);
}

std::int64_t SettingsKeeper::reset(const std::string& user, const std::string& name,
                                   std::int64_t expected) {
    settableRule(parts_.rules, name);
    return edit(user, name, {}, expected);
}

std::int64_t SettingsKeeper::edit(const std::string& user, const std::string& name,
                                  const std::optional<std::string>& value, std::int64_t expected) {
    return state_.with([&](State& state) {
        SettingEdit edit;
        edit.name = name;
        edit.before = state.settled.file.text(name);
        edit.after = value ? *value : state.files.text(name);
        edit.origin = value                              ? settingsPanel
                      : state.files.origin(name).empty() ? fromDefault
                                                         : fromFile;
        std::vector<SettingEdit> edits{edit};
        return make(state, user, edits,
                    [&](const SettingsMade& made) { requireVersion(made, name, expected); });
    });
}

// What counted before must not be lost by what is changed now.
void SettingsKeeper::requireNoneLost(const SettledSettings& before, const SettledSettings& after,
                                     const std::vector<SettingEdit>& edits) {
    for (const auto& [name, why] : after.refused) {
        const bool isEdited = std::ranges::find(edits, name, &SettingEdit::name) != edits.end();
        if (isEdited || !before.refused.contains(name)) {
            throw Error(ErrorCode::invalidArgument, why);
        }
    }
}

// Checks and enters edits of which name, before, after and origin are known, and has them count.
std::int64_t SettingsKeeper::make(State& state, const std::string& user,
                                  std::vector<SettingEdit>& edits,
                                  const std::function<void(const SettingsMade&)>& look) {
    SettledSettings settled = state.settled;
    const std::int64_t version = parts_.database.change([&](SqlDatabase& database) {
        SettingTable table(database);
        const SettingsMade made = table.all();
        look(made);
        Values values = valuesOf(made);
        for (const SettingEdit& edit : edits) {
            if (edit.origin == settingsPanel) {
                values[edit.name] = edit.after;
            } else {
                values.erase(edit.name);
            }
        }
        settled = settleWith(state, values);
        requireNoneLost(state.settled, settled, edits);
        std::int64_t last = 0;
        for (SettingEdit& edit : edits) {
            edit.time = parts_.clock.now();
            edit.user = user;
            last = edit.number = table.enter(edit);
        }
        return last;
    });
    for (const SettingEdit& edit : edits) {
        log(LogLevel::info, "setting.changed",
            {{"setting", edit.name}, {"value", edit.after}, {"user", user}});
    }
    put(state, std::move(settled));
    return version;
}

void SettingsKeeper::put(State& state, SettledSettings settled) {
    logRefused(state.settled.refused, settled.refused);
    state.settled = std::move(settled);
    for (const SettingRule& rule : parts_.rules) {
        if (rule.use != SettingUse::live) continue;
        state.inForce[rule.name] = state.settled.file.text(rule.name);
    }
    parts_.apply(state.settled.file);
}

std::vector<SettingEdit> SettingsKeeper::history(const std::string& name, std::int64_t before,
                                                 std::uint32_t atMost) const {
    return parts_.database.read([&](SqlDatabase& database) {
        return SettingTable(database).history(name, before, atMost);
    });
}

std::string SettingsKeeper::exportText() const {
    std::vector<SettingRule> rules;
    std::ranges::copy_if(parts_.rules, std::back_inserter(rules),
                         [](const SettingRule& rule) { return rule.use != SettingUse::fileOnly; });
    Values values;
    state_.with([&](const State& state) {
        for (const SettingRule& rule : rules) {
            values[rule.name] = state.settled.file.text(rule.name);
        }
    });
    return SettingsFile::commented(rules, values);
}

std::vector<SettingEdit> SettingsKeeper::differences(const State& state,
                                                     const std::string& text) const {
    std::vector<SettingEdit> edits;
    for (const auto& [name, value] : SettingsFile::valuesIn(text, parts_.rules)) {
        SettingEdit edit;
        edit.name = name;
        edit.before = state.settled.file.text(name);
        edit.after = value;
        edit.origin = settingsPanel;
        if (edit.before == edit.after) continue;
        check(name, value);
        edits.push_back(std::move(edit));
    }
    return edits;
}

std::vector<SettingEdit> SettingsKeeper::differences(const std::string& text) const {
    return state_.with([&](const State& state) {
        std::vector<SettingEdit> edits = differences(state, text);
        Values values = valuesOf(made());
        for (const SettingEdit& edit : edits) values[edit.name] = edit.after;
        requireNoneLost(state.settled, settleWith(state, values), edits);
        return edits;
    });
}

std::vector<SettingEdit> SettingsKeeper::importText(const std::string& user,
                                                    const std::string& text) {
    return state_.with([&](State& state) {
        std::vector<SettingEdit> edits = differences(state, text);
        if (!edits.empty()) make(state, user, edits, [](const SettingsMade&) {});
        return edits;
    });
}

void SettingsKeeper::reload() {
    const SettingsFile files(parts_.files, parts_.rules);
    state_.with([&](State& state) {
        SettledSettings settled = settle(files, parts_.rules, valuesOf(made()), parts_.check);
        parts_.check(settled.file);  // what they lack may have been set
        state.files = files;
        put(state, std::move(settled));
    });
}

}  // namespace coffer
