#include "management_server/settings/settings_manager.h"

#include <functional>
#include <string_view>

#include "core/base/error.h"
#include "core/rpc/convert.h"
#include "core/rpc/failure.h"

namespace coffer {

namespace {

constexpr CORBA::ULong longestList = 1'000;

Coffer::SettingInfo toInfo(const KnownSetting& setting) {
    const SettingRule& rule = *setting.rule;
    Coffer::SettingInfo info;
    info.name = rule.name.c_str();
    info.type = std::string(nameOf(rule.form.type)).c_str();
    info.unit = rule.form.unit.c_str();
    info.range = rule.form.range().c_str();
    info.doc = rule.comment.c_str();
    info.usual = rule.value.c_str();
    info.value = setting.value.c_str();
    info.inForce = setting.inForce.c_str();
    info.origin = setting.origin.c_str();
    info.live = rule.use == SettingUse::live;
    info.fileOnly = rule.use == SettingUse::fileOnly;
    info.secret = rule.isSecret();
    info.version = setting.made.version;
    info.changed =
        rpc::toMoment(setting.made.version == 0 ? std::optional<Timestamp>()
                                                : std::optional<Timestamp>(setting.made.changed));
    info.changedBy = setting.made.changedBy.c_str();
    rpc::SettingMap more;
    if (!setting.file.empty()) more["file"] = setting.file;
    if (!setting.problem.empty()) more["problem"] = setting.problem;
    info.more = rpc::toSettings(more);
    return info;
}

Coffer::SettingRecord toRecord(const SettingEdit& edit) {
    Coffer::SettingRecord record;
    record.number = edit.number;
    record.time = rpc::toMoment(edit.time);
    record.user = edit.user.c_str();
    record.name = edit.name.c_str();
    record.before = edit.before.c_str();
    record.after = edit.after.c_str();
    record.origin = edit.origin.c_str();
    return record;
}

Coffer::SettingChange toChange(const SettingEdit& edit) {
    Coffer::SettingChange change;
    change.name = edit.name.c_str();
    change.before = rpc::toStrings({edit.before});
    change.after = rpc::toStrings({edit.after});
    return change;
}

Coffer::SettingChanges* toChanges(const std::vector<SettingEdit>& edits) {
    return new Coffer::SettingChanges(rpc::sequenceOf<Coffer::SettingChanges>(edits, toChange));
}

Change auditOf(const SettingEdit& edit) {
    return {"setting-changed", edit.name, {{"value", edit.before}}, {{"value", edit.after}}};
}

}  // namespace

// A record for each, all of them before the work.
template <class Work>
auto SettingsManager::audited(const UserSession& session, const std::vector<SettingEdit>& edits,
                              const Work& work) {
    const std::function<decltype(work())(std::size_t)> from = [&](std::size_t at) {
        if (at == edits.size()) return work();
        return sessions_.audited(session, auditOf(edits[at]), [&] { return from(at + 1); });
    };
    return from(0);
}

Coffer::SettingInfos* SettingsManager::list() {
    return rpc::serve("list settings", [&] {
        sessions_.require(Right::manageSettings);
        return new Coffer::SettingInfos(
            rpc::sequenceOf<Coffer::SettingInfos>(keeper_.list(), toInfo));
    });
}

Coffer::SettingInfo* SettingsManager::get(const char* name) {
    return rpc::serve("get a setting", [&] {
        sessions_.require(Right::manageSettings);
        return new Coffer::SettingInfo(toInfo(keeper_.get(name)));
    });
}

CORBA::LongLong SettingsManager::set(const char* name, const char* value,
                                     CORBA::LongLong expected) {
    return rpc::serve("set a setting", [&] {
        const UserSession session = sessions_.require(Right::manageSettings);
        keeper_.check(name, value);  // what is no value of a setting gets into no log
        SettingEdit edit;
        edit.name = name;
        edit.before = keeper_.get(name).value;
        edit.after = value;
        return audited(session, {edit}, [&]() -> CORBA::LongLong {
            return keeper_.set(session.user, name, value, expected);
        });
    });
}

CORBA::LongLong SettingsManager::reset(const char* name, CORBA::LongLong expected) {
    return rpc::serve("reset a setting", [&] {
        const UserSession session = sessions_.require(Right::manageSettings);
        const KnownSetting known = keeper_.get(name);
        const Change change{"setting-reset", name, {{"value", known.value}}};
        return sessions_.audited(session, change, [&]() -> CORBA::LongLong {
            return keeper_.reset(session.user, name, expected);
        });
    });
}

Coffer::SettingRecords* SettingsManager::history(const char* name, CORBA::LongLong before,
                                                 CORBA::ULong atMost) {
    return rpc::serve("look at the history of settings", [&] {
        sessions_.require(Right::manageSettings);
        if (atMost < 1 || atMost > longestList || before < 0) {
            throw Error(ErrorCode::invalidArgument, "a history has 1 to 1,000 changes");
        }
        if (*name != '\0') keeper_.get(name);  // whether there is one
        return new Coffer::SettingRecords(rpc::sequenceOf<Coffer::SettingRecords>(
            keeper_.history(name, before, atMost), toRecord));
    });
}

char* SettingsManager::exportText() {
    return rpc::serve("export settings", [&] {
        sessions_.require(Right::manageSettings);
        return CORBA::string_dup(keeper_.exportText().c_str());
    });
}

Coffer::SettingChanges* SettingsManager::importText(const char* text, CORBA::Boolean dryRun) {
    return rpc::serve("import settings", [&] {
        const UserSession session = sessions_.require(Right::manageSettings);
        const std::vector<SettingEdit> seen = keeper_.differences(text);
        if (dryRun) return toChanges(seen);
        return toChanges(
            audited(session, seen, [&] { return keeper_.importText(session.user, text); }));
    });
}

}  // namespace coffer
