#include "management_server/runs/sync_choice.h"

#include "core/base/error.h"
#include "core/base/parts.h"
#include "core/rpc/convert.h"
#include "management_server/runs/run_options.h"

namespace coffer {

namespace {

[[noreturn]] void refuse(const char* why) {
    throw Error(ErrorCode::invalidArgument, why);
}

SyncConflict conflictOf(const std::string& word) {
    if (word == "newer") return SyncConflict::newer;
    if (word == "source") return SyncConflict::source;
    return word == "target" ? SyncConflict::target : SyncConflict::keepBoth;
}

std::vector<std::string> linesOf(const std::string& text) {
    return text.empty() ? std::vector<std::string>() : partsOf(text, '\n');
}

}  // namespace

std::array<AgentFolder, 2> foldersOf(const RunRecord& run) {
    if (run.what.size() != 1) refuse("a synchronisation has one source");
    return {AgentFolder::parse(run.what.front()), AgentFolder::parse(run.target)};
}

std::vector<FolderUse> folderUsesOf(const RunRecord& run) {
    if (run.kind != run_kind::synchronise) return {};
    try {
        const auto [source, target] = foldersOf(run);
        // A dry run, too: what is remembered of the pair is for one at a time.
        return {{source, rpc::textIn(run.options, "direction") == "two-way"}, {target, true}};
    } catch (const Error&) {
        return {};  // its work will refuse it
    }
}

SyncChoice SyncChoice::of(const RunRecord& run) {
    const RunTexts& options = run.options;
    SyncChoice choice;
    const auto [source, target] = foldersOf(run);
    choice.source = source;
    choice.target = target;
    if (choice.source.overlaps(choice.target)) refuse("the folders lie one within the other");
    SyncRules& rules = choice.settings.rules;
    rules.twoWay = rpc::textIn(options, "direction") == "two-way";
    rules.erases = rpc::truthIn(options, "delete", false);
    rules.readsContent = rpc::textIn(options, "compare") == "content";
    rules.conflict = conflictOf(rpc::textIn(options, "conflict"));
    if (rules.twoWay && rules.erases) refuse("delete: is for one direction; two-way always does");
    if (!rules.twoWay && options.contains("conflict")) {
        refuse("conflict: there is none in one direction");
    }
    choice.settings.filter = SyncFilter(linesOf(rpc::textIn(options, "include")), run.patterns);
    choice.settings.mostDeleted = static_cast<unsigned>(
        rpc::numberIn(options, "most-deletions", choice.settings.mostDeleted));
    choice.settings.preview = rpc::truthIn(options, "preview", false);
    return choice;
}

RunRecord syncRun(const std::string& user, const std::string& source, const std::string& target,
                  const std::vector<std::string>& excludes, const RunTexts& options) {
    RunRecord run;
    run.kind = run_kind::synchronise;
    run.user = user;
    run.what = {AgentFolder::parse(source).text()};
    run.target = AgentFolder::parse(target).text();
    run.patterns = excludes;
    run.options = options;
    run.priority = takePriority(run.options);
    SyncChoice::of(run);
    return run;
}

}  // namespace coffer
