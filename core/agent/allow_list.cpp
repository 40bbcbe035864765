#include "core/agent/allow_list.h"

#include <algorithm>

#include "core/agent/object_path.h"
#include "core/base/error.h"
#include "core/base/paths.h"
#include "core/base/printable.h"
#include "core/storage/disk.h"

namespace coffer {

namespace {

void addOnce(std::vector<std::string>& list, std::string path) {
    if (std::ranges::find(list, path) == list.end()) list.push_back(std::move(path));
}

// As it is written, which is what a user types, and as it is when links are resolved.
std::vector<std::string> prefixesOf(const std::vector<std::string>& paths, const char* setting,
                                    Disk& disk) {
    std::vector<std::string> prefixes;
    for (std::string path : paths) {
        while (path.size() > 1 && path.ends_with('/')) path.pop_back();
        during(std::string("setting ") + setting, [&] {
            checkObjectPath(path);
            addOnce(prefixes, disk.canonical(path));
        });
        addOnce(prefixes, std::move(path));
    }
    return prefixes;
}

ExcludeRules programsOf(const std::vector<std::string>& patterns) {
    ExcludeRules programs;
    for (const std::string& pattern : patterns) {
        during("setting allow.hooks", [&] {
            if (!pattern.starts_with('/') || pattern.ends_with('/')) {
                throw Error(ErrorCode::invalidArgument,
                            shownPath(pattern) + ": write the absolute path of a program, or " +
                                "/etc/coffer/hooks/*");
            }
            programs.add(pattern);
        });
    }
    return programs;
}

bool covers(const std::vector<std::string>& prefixes, const std::string& path) {
    return std::ranges::any_of(prefixes,
                               [&](const std::string& prefix) { return isWithin(path, prefix); });
}

}  // namespace

AllowList::AllowList(const Settings& settings, const std::vector<std::string>& own, Disk& disk)
    : read_(prefixesOf(settings.read, "allow.read", disk)),
      write_(prefixesOf(settings.write, "allow.write", disk)),
      run_(settings.run),
      own_(prefixesOf(own, "state folder", disk)),
      hooks_(programsOf(settings.hooks)) {
    for (const std::string& kind : run_) {
        if (kind == "backup" || kind == "restore") continue;
        throw Error(ErrorCode::invalidArgument,
                    "setting allow.run: no such kind of run: " + shownPath(kind));
    }
}

void AllowList::check(Right right, const std::string& path, Extent extent) const {
    const bool reads = right == Right::read;
    if (!covers(reads ? read_ : write_, path)) {
        throw Error(ErrorCode::permissionDenied, shownPath(path) + ": this agent's setting " +
                                                     (reads ? "allow.read" : "allow.write") +
                                                     " does not include it");
    }
    for (const std::string& own : own_) {
        if (!isWithin(path, own) && (extent == Extent::entry || !isWithin(own, path))) continue;
        throw Error(ErrorCode::permissionDenied,
                    shownPath(path) + ": the agent's own files are there, which no server gets at");
    }
}

void AllowList::checkRun(const std::string& kind) const {
    if (std::ranges::find(run_, kind) != run_.end()) return;
    throw Error(ErrorCode::permissionDenied,
                "this agent's setting allow.run does not include '" + shownPath(kind) + "'");
}

void AllowList::checkHook(const std::string& program) const {
    checkObjectPath(program);
    if (hooks_.excludes(program, false)) return;
    throw Error(ErrorCode::permissionDenied,
                "this agent's setting allow.hooks does not include " + shownPath(program));
}

}  // namespace coffer
