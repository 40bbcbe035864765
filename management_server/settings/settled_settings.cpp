#include "management_server/settings/settled_settings.h"

#include "core/base/printable.h"

namespace coffer {

namespace {

constexpr std::size_t longestShown = 100;

using Values = SettingsFile::Values;

/// Puts them together, one after the other as far as they go; what one of them needs another for
/// is tried again behind it.
class Settling {
  public:
    Settling(const SettingsFile& files, const SettingsCheck& check)
        : files_(files), check_(check) {}

    SettledSettings run(Values open, std::map<std::string, std::string> refused) {
        if (passes(open)) return {files_.with(open, settingsPanel), std::move(refused)};
        Values taken;
        for (bool goesOn = true; goesOn;) {
            goesOn = false;
            for (auto each = open.begin(); each != open.end();) {
                taken.insert(*each);
                if (passes(taken)) {
                    refused.erase(each->first);
                    each = open.erase(each);
                    goesOn = true;
                } else {
                    taken.erase(each->first);
                    refused[each->first] = why_;
                    ++each;
                }
            }
        }
        return {files_.with(taken, settingsPanel), std::move(refused)};
    }

  private:
    bool passes(const Values& values) {
        try {
            check_(files_.with(values, settingsPanel));
            return true;
        } catch (const Error& error) {
            why_ = error.what();
            return false;
        }
    }

    const SettingsFile& files_;
    const SettingsCheck& check_;
    std::string why_;
};

}  // namespace

const SettingRule& settableRule(const std::vector<SettingRule>& rules, const std::string& name) {
    const SettingRule* rule = findRule(rules, name);
    if (!rule) {
        throw Error(ErrorCode::notFound,
                    "there is no setting \"" + printable(name.substr(0, longestShown)) + "\"");
    }
    if (rule->use == SettingUse::fileOnly) {
        throw Error(
            ErrorCode::invalidArgument,
            name + " concerns security: it is set in server.ini alone, by who may write it");
    }
    return *rule;
}

SettledSettings settle(const SettingsFile& files, const std::vector<SettingRule>& rules,
                       const std::map<std::string, std::string>& values,
                       const SettingsCheck& check) {
    std::map<std::string, std::string> refused;
    Values open;
    for (const auto& [name, value] : values) {
        try {
            checkSetting(settableRule(rules, name), value);
            open[name] = value;
        } catch (const Error& error) {
            refused[name] = error.what();
        }
    }
    return Settling(files, check).run(std::move(open), std::move(refused));
}

}  // namespace coffer
