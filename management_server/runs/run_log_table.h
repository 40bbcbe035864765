#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/repository/sqlite.h"
#include "core/service/log.h"
#include "management_server/runs/run_record.h"

namespace coffer {

/// An entry of the log of a run.
struct RunLogEntry {
    static constexpr std::size_t longestPath = 64 << 10;  // of `where`; what is longer is cut

    std::uint64_t number = 0;  // ascending
    std::int64_t run = 0;
    Timestamp time = {};
    LogLevel level = LogLevel::info;
    std::string code = {};     // kind of the step, code of a problem
    std::string where = {};    // what it is about, octets; often nothing
    std::string message = {};  // one line for people, printable
};

/// What is asked for; empty stands for all.
struct RunLogFilter {
    LogLevel least = LogLevel::debug;
    std::vector<std::string> codes = {};
    std::string below = {};  // a path
    std::string text = {};   // in the message

    /// Throws Error(limitExceeded), (invalidArgument) when it is too large.
    void check() const;
    bool matches(const RunLogEntry& entry) const;
};

struct RunLogPage {
    std::vector<RunLogEntry> entries;
    std::uint64_t position = 0;  // the next page begins behind it
    bool more = false;
};

/// The table `run_log` of server.db, within one transaction of ServerDatabase.
class RunLogTable {
  public:
    explicit RunLogTable(SqlDatabase& database) : database_(database) {}

    /// The number of the entry is not looked at. Texts are cut at 2,000 octets, the path at 64 KiB.
    void add(const RunLogEntry& entry);

    /// Entries of a run behind a number, oldest first, `atMost` (1 to 1,000) of them, fewer when
    /// they are long. Looks at 10,000 at most: a page may be empty and say that there are more.
    RunLogPage read(std::int64_t run, const RunLogFilter& filter, std::uint64_t after,
                    std::uint32_t atMost);

    /// Removes the entries from before a time, and the oldest but for the newest `kept` numbers.
    void prune(std::uint64_t kept, Timestamp before);

  private:
    SqlDatabase& database_;
};

}  // namespace coffer
