#include "management_server/runs/run_log.h"

#include "core/base/error.h"
#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "management_server/runs/run_rights.h"

namespace coffer {

namespace {

RunLogFilter filterOf(const Coffer::LogFilter& filter) {
    RunLogFilter wanted;
    const std::string least = filter.least.in();
    if (!least.empty()) wanted.least = logLevelOf(least);
    wanted.codes = rpc::toTexts(filter.codes);
    wanted.below = rpc::textOf(filter.below);
    wanted.text = filter.text.in();
    return wanted;
}

void put(const RunLogEntry& from, Coffer::LogEntry& to) {
    to.number = from.number;
    to.time = rpc::toMoment(from.time);
    to.level = std::string(nameOf(from.level)).c_str();
    to.code = from.code.c_str();
    to.where = rpc::toPath(from.where);
    to.message = from.message.c_str();
}

}  // namespace

RunLogPage RunLog::find(std::int64_t run, const RunLogFilter& filter, std::uint64_t after,
                        std::uint32_t atMost) const {
    try {
        return runs_.logOf(run, filter, after, atMost);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::notFound) throw;
        return kept_(run, filter, after, atMost);
    }
}

Coffer::LogPage* RunLog::entries(CORBA::LongLong run, const Coffer::LogFilter& filter,
                                 CORBA::ULongLong after, CORBA::ULong atMost) {
    return rpc::serve("entries", [&] {
        const UserSession session = sessions_.require(Right::look, Scope::some());
        const std::optional<RunRecord> known = runs_.find(run);  // its log may outlive it
        const auto scopes = known ? RunRights::scopesOf(*known) : std::vector<Scope>{Scope{}};
        for (const Scope& scope : scopes) sessions_.check(session, Right::look, scope);
        const RunLogPage found = find(run, filterOf(filter), after, atMost);
        Coffer::LogPage_var page = new Coffer::LogPage;
        page->list.length(static_cast<CORBA::ULong>(found.entries.size()));
        CORBA::ULong at = 0;
        for (const RunLogEntry& entry : found.entries) put(entry, page->list[at++]);
        page->position = found.position;
        page->more = found.more;
        return page._retn();
    });
}

}  // namespace coffer
