#include "management_panel/cli/forgetting.h"

#include <algorithm>
#include <iostream>

#include "core/console/exit_codes.h"
#include "core/console/format.h"
#include "core/console/table.h"
#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "management_panel/cli/day_word.h"
#include "management_panel/cli/wire_text.h"

namespace coffer::cli {

namespace {

constexpr const char* backNote =
    "It can be brought back by 'unforget' until the grace period is over.\n";
constexpr const char* goneNote = "Room is freed by a prune.\n";

std::string shortId(std::string_view id) {
    return shown(id.substr(0, 8));
}

void addOnce(std::vector<std::string>& ids, const std::string& id) {
    if (std::ranges::find(ids, id) == ids.end()) ids.push_back(id);
}

Coffer::Settings toSettings(const Rules& rules) {
    Coffer::Settings settings;
    settings.length(static_cast<CORBA::ULong>(rules.size()));
    for (CORBA::ULong i = 0; i < settings.length(); ++i) {
        settings[i].name = rules[i].first.c_str();
        settings[i].value = rules[i].second.c_str();
    }
    return settings;
}

std::string joined(const std::vector<std::string>& texts) {
    std::string all;
    for (const std::string& text : texts) all += (all.empty() ? "" : ", ") + shown(text);
    return all;
}

Json textsJson(const Coffer::Strings& texts) {
    Json array = Json::array();
    for (const std::string& text : rpc::toTexts(texts)) array.push_back(shown(text));
    return array;
}

bool sameSource(const Coffer::RetentionVerdict& a, const Coffer::RetentionVerdict& b) {
    return std::string_view(a.agent.in()) == b.agent.in() && pathsOf(a.what) == pathsOf(b.what);
}

Json jsonOf(const Coffer::RetentionVerdicts& verdicts) {
    Json sources = Json::array();
    for (CORBA::ULong i = 0; i < verdicts.length(); ++i) {
        const Coffer::RetentionVerdict& verdict = verdicts[i];
        if (i == 0 || !sameSource(verdicts[i - 1], verdict)) {
            Json source = Json::object();
            putOctets(source, "agent", verdict.agent.in());
            putOctets(source, "paths", pathsOf(verdict.what));
            source["snapshots"] = Json::array();
            sources.push_back(std::move(source));
        }
        sources.back()["snapshots"].push_back({{"id", shown(verdict.id.in())},
                                               {"committed", momentJson(verdict.committed)},
                                               {"keep", bool(verdict.keep)},
                                               {"reasons", textsJson(verdict.reasons)}});
    }
    return sources;
}

void printTables(const Coffer::RetentionVerdicts& verdicts) {
    for (CORBA::ULong i = 0; i < verdicts.length();) {
        const Coffer::RetentionVerdict& first = verdicts[i];
        std::cout << shown(first.agent.in()) << ": " << listText(pathsOf(first.what)) << '\n';
        Table table({{}, {}, {}, {}});
        for (; i < verdicts.length() && sameSource(first, verdicts[i]); ++i) {
            table.add({verdicts[i].keep ? "  keep" : "  forget", shortId(verdicts[i].id.in()),
                       momentText(verdicts[i].committed),
                       joined(rpc::toTexts(verdicts[i].reasons))});
        }
        table.print(std::cout);
    }
}

}  // namespace

std::vector<std::string> Forgetting::lookUp(const std::vector<std::string>& names) const {
    std::vector<std::string> ids;
    for (const std::string& name : names) {
        try {
            const Coffer::SnapshotInfo_var info = rpc::call("look up the snapshot", [&] {
                return Coffer::SnapshotInfo_var(manager_->get(repository_.c_str(), name.c_str()));
            });
            addOnce(ids, info->id.in());
        } catch (const Error&) {
            const std::string id = lookUpUnreadable(name);
            if (id.empty()) throw;
            addOnce(ids, id);
        }
    }
    return ids;
}

// One whose object is lost or damaged can still be forgotten, marked and locked. Empty: no such.
std::string Forgetting::lookUpUnreadable(const std::string& name) const {
    if (name.size() < 4) return {};
    Coffer::SnapshotInfos_var all = rpc::call("list the snapshots", [&] {
        return Coffer::SnapshotInfos_var(manager_->list(repository_.c_str()));
    });
    std::string id;
    for (CORBA::ULong i = 0; i < all->length(); ++i) {
        if (!std::string_view(all[i].id.in()).starts_with(name)) continue;
        if (!id.empty() || valueOf(all[i].more, "problem").empty()) return {};
        id = all[i].id.in();
    }
    return id;
}

// Also among those that can be brought back.
std::vector<std::string> Forgetting::lookUpAmongAll(const std::vector<std::string>& names) const {
    Coffer::SnapshotMarks_var known = marks();
    std::vector<std::string> ids;
    for (const std::string& name : names) {
        std::vector<std::string> found;
        for (CORBA::ULong i = 0; i < known->length(); ++i) {
            const std::string id = known[i].id.in();
            if (name.size() >= 4 && momentOf(known[i].due) && id.starts_with(name)) {
                found.push_back(id);
            }
        }
        addOnce(ids, found.size() == 1 ? found.front() : lookUp({name}).front());
    }
    return ids;
}

Coffer::SnapshotMarks_var Forgetting::marks() const {
    return rpc::call("list the marks", [&] {
        return Coffer::SnapshotMarks_var(manager_->marks(repository_.c_str()));
    });
}

int Forgetting::tell(const char* done, const std::vector<std::string>& ids,
                     const char* note) const {
    if (options_.json) {
        Json array = Json::array();
        for (const std::string& id : ids) array.push_back(shown(id));
        printJson(std::cout, {{done, array}});
    } else if (!options_.quiet) {
        for (const std::string& id : ids) std::cout << done << "  " << shortId(id) << '\n';
        std::cout << note;
    }
    return exitSuccess;
}

int Forgetting::forget(const std::vector<std::string>& names, bool forGood) const {
    const std::vector<std::string> ids = forGood ? lookUpAmongAll(names) : lookUp(names);
    for (const std::string& id : ids) {
        rpc::call("forget", [&] {
            if (forGood) {
                manager_->forgetForGood(repository_.c_str(), id.c_str());
            } else {
                manager_->forget(repository_.c_str(), id.c_str());
            }
        });
    }
    return tell("forgotten", ids, forGood ? goneNote : backNote);
}

int Forgetting::bringBack(const std::vector<std::string>& names) const {
    for (const std::string& name : names) {
        rpc::call("bring back", [&] { manager_->unforget(repository_.c_str(), name.c_str()); });
    }
    return tell("back", names, "");
}

void Forgetting::show(const Coffer::RetentionVerdicts& verdicts, bool done) const {
    std::uint64_t gone = 0;
    for (CORBA::ULong i = 0; i < verdicts.length(); ++i) gone += verdicts[i].keep ? 0 : 1;
    if (options_.json) {
        printJson(std::cout, {{"done", done}, {"sources", jsonOf(verdicts)}});
        return;
    }
    if (options_.quiet && done) return;
    printTables(verdicts);
    std::cout << gone << " of " << countText(verdicts.length(), "snapshot")
              << (done ? " forgotten.\n" : " would be forgotten.\n");
}

int Forgetting::preview(const Rules& rules) const {
    Coffer::RetentionVerdicts_var verdicts = rpc::call("preview the retention", [&] {
        return Coffer::RetentionVerdicts_var(
            manager_->previewRetention(repository_.c_str(), toSettings(rules)));
    });
    show(verdicts, false);
    return exitSuccess;
}

int Forgetting::previewTask(const std::string& task) const {
    Coffer::RetentionVerdicts_var verdicts = rpc::call("preview the retention", [&] {
        return Coffer::RetentionVerdicts_var(manager_->previewTaskRetention(task.c_str()));
    });
    show(verdicts, false);
    return exitSuccess;
}

int Forgetting::apply(const Rules& rules, bool forGood) const {
    Coffer::RetentionVerdicts_var verdicts = rpc::call("apply the retention", [&] {
        return Coffer::RetentionVerdicts_var(
            manager_->applyRetention(repository_.c_str(), toSettings(rules)));
    });
    for (CORBA::ULong i = 0; forGood && i < verdicts->length(); ++i) {
        if (verdicts[i].keep) continue;
        try {
            rpc::call("forget for good",
                      [&] { manager_->forgetForGood(repository_.c_str(), verdicts[i].id.in()); });
        } catch (const Error& error) {
            if (error.code() != ErrorCode::notFound) throw;  // there is no grace period
        }
    }
    show(verdicts, true);
    return exitSuccess;
}

int Forgetting::tag(const std::vector<std::string>& names, const std::vector<std::string>& add,
                    const std::vector<std::string>& remove) const {
    Rules changes;
    for (const std::string& tag : add) changes.emplace_back("add-tag", tag);
    for (const std::string& tag : remove) changes.emplace_back("remove-tag", tag);
    if (changes.empty()) throw Error(ErrorCode::invalidArgument, "no tag to add or remove");
    const std::vector<std::string> ids = lookUp(names);
    for (const std::string& id : ids) {
        rpc::call("tag",
                  [&] { manager_->tag(repository_.c_str(), id.c_str(), toSettings(changes)); });
    }
    return tell("tagged", ids, "");
}

int Forgetting::lock(const std::vector<std::string>& names, const std::string& until) const {
    const Coffer::Moment moment = rpc::toMoment(beginningOf(until));
    const std::vector<std::string> ids = lookUp(names);
    for (const std::string& id : ids) {
        rpc::call("lock", [&] { manager_->lock(repository_.c_str(), id.c_str(), moment); });
    }
    return tell("locked", ids, "");
}

int Forgetting::listMarks(bool forgottenAlone) const {
    Coffer::SnapshotMarks_var all = marks();
    Json array = Json::array();
    Table table({{"snapshot"}, {"time"}, {"agent"}, {"gone from"}, {"locked until"}, {"tags"}});
    for (CORBA::ULong i = 0; i < all->length(); ++i) {
        const Coffer::SnapshotMark& mark = all[i];
        if (forgottenAlone && !momentOf(mark.due)) continue;
        Json object{{"id", shown(mark.id.in())}};
        putOctets(object, "agent", mark.agent.in());
        object["committed"] = momentJson(mark.committed);
        object["due"] = momentJson(mark.due);
        object["lockedUntil"] = momentJson(mark.lockedUntil);
        object["tags"] = textsJson(mark.tags);
        array.push_back(std::move(object));
        table.add({shortId(mark.id.in()), momentText(mark.committed), shown(mark.agent.in()),
                   momentText(mark.due), momentText(mark.lockedUntil),
                   joined(rpc::toTexts(mark.tags))});
    }
    if (options_.json) {
        printJson(std::cout, array);
    } else if (array.empty()) {
        std::cout << (forgottenAlone ? "Nothing can be brought back.\n" : "No marks.\n");
    } else {
        table.print(std::cout);
    }
    return exitSuccess;
}

}  // namespace coffer::cli
