#include "management_server/runs/run_log_table.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/paths.h"
#include "core/base/printable.h"
#include "management_server/database/columns.h"

namespace coffer {

namespace {

constexpr std::size_t longestText = 2'000;
constexpr std::uint32_t longestPage = 1'000;
constexpr std::size_t pageOctets = 4 << 20;
constexpr std::size_t mostLookedAt = 10'000;
constexpr std::size_t mostCodes = 100;

std::string shown(const std::string& text) {
    std::string safe = printable(std::string_view(text).substr(0, longestText));
    if (safe.size() > longestText) safe.resize(longestText);
    return safe;
}

LogLevel levelAt(SqlStatement& row, int column) {
    const std::int64_t level = row.integer(column);
    if (level < 0 || level > static_cast<std::int64_t>(LogLevel::error)) {
        throw Error(ErrorCode::corrupt, "server.db: a level of a log that is none");
    }
    return static_cast<LogLevel>(level);
}

}  // namespace

void RunLogFilter::check() const {
    if (codes.size() > mostCodes) {
        throw Error(ErrorCode::limitExceeded, "a filter names 100 codes at most");
    }
    const auto isLong = [](const std::string& code) { return code.size() > longestText; };
    if (below.size() > RunLogEntry::longestPath || text.size() > longestText ||
        std::ranges::any_of(codes, isLong)) {
        throw Error(ErrorCode::invalidArgument, "a text of a filter is too long");
    }
}

bool RunLogFilter::matches(const RunLogEntry& entry) const {
    if (entry.level < least) return false;
    if (!codes.empty() && std::ranges::find(codes, entry.code) == codes.end()) return false;
    // Not all entries are about a place.
    if (!below.empty() && (entry.where.empty() || !isWithin(entry.where, below))) return false;
    return text.empty() || entry.message.find(text) != std::string::npos;
}

void RunLogTable::add(const RunLogEntry& entry) {
    SqlStatement row = database_.prepare(
        "INSERT INTO run_log(run,time,level,code,object,message) VALUES(?,?,?,?,?,?)");
    row.bind(1, entry.run).bind(2, toColumn(entry.time));
    row.bind(3, static_cast<std::int64_t>(entry.level));
    bindText(row, 4, shown(entry.code));
    bindText(row, 5, std::string_view(entry.where).substr(0, RunLogEntry::longestPath));
    bindText(row, 6, shown(entry.message));
    row.run();
}

RunLogPage RunLogTable::read(std::int64_t run, const RunLogFilter& filter, std::uint64_t after,
                             std::uint32_t atMost) {
    if (atMost == 0 || atMost > longestPage) {
        throw Error(ErrorCode::invalidArgument, "between 1 and 1,000 entries at a time");
    }
    SqlStatement rows = database_.prepare(
        "SELECT number,time,level,code,object,message FROM run_log WHERE run=? AND number>?"
        " ORDER BY number");
    rows.bind(1, run).bind(2, static_cast<std::int64_t>(after));
    RunLogPage page;
    page.position = after;
    std::size_t octets = 0;
    for (std::size_t looked = 0; rows.step(); ++looked) {
        if (page.entries.size() == atMost || octets > pageOctets || looked == mostLookedAt) {
            page.more = true;
            break;
        }
        RunLogEntry entry;
        entry.number = static_cast<std::uint64_t>(rows.integer(0));
        entry.run = run;
        entry.time = timeAt(rows, 1).value_or(Timestamp{});
        entry.level = levelAt(rows, 2);
        entry.code = textAt(rows, 3);
        entry.where = textAt(rows, 4);
        entry.message = textAt(rows, 5);
        page.position = entry.number;
        if (!filter.matches(entry)) continue;
        octets += entry.code.size() + entry.where.size() + entry.message.size();
        page.entries.push_back(std::move(entry));
    }
    return page;
}

void RunLogTable::prune(std::uint64_t kept, Timestamp before) {
    // Numbers and times grow together, but for clocks that were set back.
    SqlStatement drop = database_.prepare(
        "DELETE FROM run_log WHERE number<=(SELECT max(number) FROM run_log)-?"
        " OR number<coalesce((SELECT number FROM run_log WHERE time>=? ORDER BY number LIMIT 1),"
        "(SELECT max(number)+1 FROM run_log))");
    drop.bind(1, static_cast<std::int64_t>(kept)).bind(2, toColumn(before)).run();
}

}  // namespace coffer
