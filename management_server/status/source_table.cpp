#include "management_server/status/source_table.h"

#include "management_server/database/columns.h"
#include "management_server/runs/run_record.h"
#include "management_server/runs/run_table.h"

namespace coffer {

/// What one backup of a source came to.
struct SourceTable::Outcome {
    SourceName source;
    bool good = false;
    std::int64_t run = 0;
    Timestamp ended;
    std::string message;
    bool oneFileSystem = false;
};

namespace {

constexpr std::size_t longestFailure = 500;

// Not dropped: at least one run counts for it.
const std::string isKnown = "(success_run>0 OR failure_run>0)";

void bindName(SqlStatement& statement, int from, const SourceName& source) {
    bindText(statement, from, source.repository);
    bindText(statement, from + 1, source.agent);
    statement.bind(from + 2, encodeTexts(source.paths));
}

}  // namespace

// Of each source the first or the last run of that kind: with one min() or max() SQLite takes the
// other columns from its row.
std::vector<SourceTable::Outcome> SourceTable::outcomes(bool good, const char* which,
                                                        std::optional<std::int64_t> run) {
    SqlStatement rows = database_.prepare(
        std::string("SELECT repository,agent,what,") + which +
        "(number),CASE WHEN committed=0 OR state=CAST('failed' AS BLOB) THEN ended"
        " ELSE committed END,message,options FROM runs WHERE kind=? AND " +
        isOfPresentRepository + " AND state IN(" +
        (good ? "CAST('verifying' AS BLOB),CAST('succeeded' AS BLOB),CAST('warnings' AS BLOB)"
              : "CAST('failed' AS BLOB)") +
        ")" + (run ? " AND number=?" : "") + " GROUP BY repository,agent,what");
    bindText(rows, 1, run_kind::backup);
    if (run) rows.bind(2, *run);
    std::vector<Outcome> found;
    while (rows.step()) {
        Outcome outcome;
        outcome.source =
            SourceName::of(textAt(rows, 1), textAt(rows, 0), decodeTexts(rows.blob(2)));
        outcome.good = good;
        outcome.run = rows.integer(3);
        outcome.ended = timeAt(rows, 4).value_or(Timestamp{});
        outcome.message = textAt(rows, 5).substr(0, longestFailure);
        const RunTexts options = decodeMap(rows.blob(6));
        const auto option = options.find("one-file-system");
        outcome.oneFileSystem = option != options.end() && option->second == "yes";
        found.push_back(std::move(outcome));
    }
    return found;
}

bool SourceTable::learn(std::optional<std::int64_t> run) {
    bool room = true;
    if (!run) {  // one run is the first and the last of its kind
        forgetDropped();
        for (const Outcome& outcome : outcomes(true, "min", run)) room = enter(outcome) && room;
    }
    for (const Outcome& outcome : outcomes(true, "max", run)) room = enter(outcome) && room;
    for (const Outcome& outcome : outcomes(false, "max", run)) room = enter(outcome) && room;
    if (!run) takeBackAll();
    return room;
}

bool SourceTable::enter(const Outcome& outcome) {
    if (!has(outcome.source)) {
        SqlStatement count = database_.prepare("SELECT count(*) FROM sources WHERE " + isKnown);
        if (!count.step() || count.integer(0) >= std::int64_t{most}) return false;
        SqlStatement insert =
            database_.prepare("INSERT OR IGNORE INTO sources VALUES(?,?,?,0,0,0,0,0,0,?,?,0,0)");
        bindName(insert, 1, outcome.source);
        bindText(insert, 4, "");
        bindText(insert, 5, nameOf(SourceState::safe)).run();
    }
    const std::int64_t ended = toColumn(outcome.ended);
    SqlStatement update = database_.prepare(
        outcome.good ? "UPDATE sources SET last_success=?,success_run=?,one_file_system=?,"
                       "first_success=CASE first_success WHEN 0 THEN ? ELSE first_success END"
                       " WHERE repository=? AND agent=? AND paths=?"
                       " AND max(success_run,dropped+1)<=? RETURNING 1"
                     : "UPDATE sources SET last_failure=?,failure_run=?,failure=?"
                       " WHERE repository=? AND agent=? AND paths=?"
                       " AND max(failure_run,dropped+1)<=? RETURNING 1");
    update.bind(1, ended).bind(2, outcome.run);
    int next = 4;
    if (outcome.good) {
        update.bind(3, outcome.oneFileSystem ? 1 : 0).bind(next++, ended);
    } else {
        bindText(update, 3, outcome.message);
    }
    bindName(update, next, outcome.source);
    update.bind(next + 3, outcome.run);
    while (update.step()) {
    }
    if (!outcome.good) takeBack(outcome);
    return true;
}

// What was learned last may have turned out damaged while nobody looked, and others failed since.
void SourceTable::takeBackAll() {
    SqlStatement rows = database_.prepare(
        "SELECT sources.repository,sources.agent,paths,success_run FROM sources"
        " JOIN runs ON number=success_run"
        " WHERE runs.state=CAST('failed' AS BLOB)");
    std::vector<Outcome> damaged;
    while (rows.step()) {
        Outcome outcome;
        outcome.source = {textAt(rows, 1), textAt(rows, 0), decodeTexts(rows.blob(2))};
        outcome.run = rows.integer(3);
        damaged.push_back(std::move(outcome));
    }
    for (const Outcome& outcome : damaged) takeBack(outcome);
}

// What counted when it committed has turned out damaged: the good one before it counts again.
void SourceTable::takeBack(const Outcome& damaged) {
    SqlStatement counted = database_.prepare(
        "SELECT dropped FROM sources WHERE repository=? AND agent=? AND paths=? AND success_run=?");
    bindName(counted, 1, damaged.source);
    if (!counted.bind(4, damaged.run).step()) return;
    SqlStatement rows = database_.prepare(
        "SELECT number,CASE committed WHEN 0 THEN ended ELSE committed END,what FROM runs"
        " WHERE agent=? AND number<? AND number>? AND +kind=? AND +repository=? AND +state"
        " IN(CAST('verifying' AS BLOB),CAST('succeeded' AS BLOB),CAST('warnings' AS BLOB))"
        " ORDER BY number DESC");
    bindText(rows, 1, damaged.source.agent);
    rows.bind(2, damaged.run).bind(3, counted.integer(0));
    bindText(rows, 4, run_kind::backup);
    bindText(rows, 5, damaged.source.repository);
    std::int64_t run = 0;
    std::int64_t time = 0;
    while (run == 0 && rows.step()) {
        const auto source = SourceName::of(damaged.source.agent, damaged.source.repository,
                                           decodeTexts(rows.blob(2)));
        if (source == damaged.source) {
            run = rows.integer(0);
            time = rows.integer(1);
        }
    }
    SqlStatement update = database_.prepare(
        "UPDATE sources SET success_run=?1,last_success=?2,"
        "first_success=CASE ?2 WHEN 0 THEN 0 ELSE first_success END"
        " WHERE repository=?3 AND agent=?4 AND paths=?5");
    update.bind(1, run).bind(2, time);
    bindName(update, 3, damaged.source);
    update.run();
}

bool SourceTable::has(const SourceName& source) {
    SqlStatement there = database_.prepare(
        "SELECT 1 FROM sources WHERE repository=? AND agent=? AND paths=? AND " + isKnown);
    bindName(there, 1, source);
    return there.step();
}

// Those whose runs are forgotten, too: nothing can bring them back any more.
void SourceTable::forgetDropped() {
    database_.execute("DELETE FROM sources WHERE NOT " + isKnown +
                      " AND NOT EXISTS(SELECT 1 FROM runs WHERE number<=dropped)");
}

std::vector<SourceRow> SourceTable::all() {
    SqlStatement rows = database_.prepare(
        "SELECT repository,agent,paths,first_success,last_success,success_run,one_file_system,"
        "last_failure,failure_run,failure,state,since,"
        "(SELECT snapshot FROM runs WHERE number=success_run) FROM sources WHERE " +
        isKnown + " ORDER BY agent,repository,paths");
    std::vector<SourceRow> found;
    while (rows.step()) {
        SourceRow row;
        row.facts.name = {textAt(rows, 1), textAt(rows, 0), decodeTexts(rows.blob(2))};
        row.facts.firstSuccess = timeAt(rows, 3);
        row.facts.lastSuccess = timeAt(rows, 4);
        row.facts.successRun = rows.integer(5);
        row.oneFileSystem = rows.integer(6) != 0;
        row.facts.lastFailure = timeAt(rows, 7);
        row.facts.failureRun = rows.integer(8);
        row.facts.failure = textAt(rows, 9);
        row.announced = sourceStateOf(textAt(rows, 10));
        row.since = timeAt(rows, 11);
        row.snapshot = textAt(rows, 12);
        found.push_back(std::move(row));
    }
    return found;
}

void SourceTable::setAnnounced(const SourceName& source, SourceState state, Timestamp since) {
    SqlStatement update = database_.prepare(
        "UPDATE sources SET state=?,since=? WHERE repository=? AND agent=? AND paths=?");
    bindText(update, 1, nameOf(state));
    update.bind(2, toColumn(since));
    bindName(update, 3, source);
    update.run();
}

// The row stays: its runs, which are kept, would bring it back with the next start.
void SourceTable::drop(const SourceName& source) {
    SqlStatement update = database_.prepare(
        "UPDATE sources SET dropped=max(success_run,failure_run,dropped),first_success=0,"
        "last_success=0,success_run=0,last_failure=0,failure_run=0,failure=x'',state=?,since=0"
        " WHERE repository=? AND agent=? AND paths=?");
    bindText(update, 1, nameOf(SourceState::safe));
    bindName(update, 2, source);
    update.run();
    withdraw(source.id());
}

void SourceTable::removeRepository(const std::string& repository) {
    for (const SourceRow& row : all()) {
        if (row.facts.name.repository == repository) withdraw(row.facts.name.id());
    }
    SqlStatement remove = database_.prepare("DELETE FROM sources WHERE repository=?");
    bindText(remove, 1, repository);
    remove.run();
}

void SourceTable::renameAgent(const std::string& name, const std::string& fresh) {
    const std::map<std::string, Acknowledgement> known = acknowledgements();
    for (const SourceRow& row : all()) {
        if (row.facts.name.agent != name) continue;
        const auto found = known.find(row.facts.name.id());
        if (found == known.end()) continue;
        SourceName renamed = row.facts.name;
        renamed.agent = fresh;
        withdraw(found->first);
        acknowledge(renamed.id(), found->second);
    }
    SqlStatement update = database_.prepare("UPDATE OR REPLACE sources SET agent=? WHERE agent=?");
    bindText(update, 1, fresh);
    bindText(update, 2, name);
    update.run();
}

std::map<std::string, Acknowledgement> SourceTable::acknowledgements() {
    SqlStatement rows =
        database_.prepare("SELECT source,state,reason,user,made,until FROM acknowledgements");
    std::map<std::string, Acknowledgement> found;
    while (rows.step()) {
        found.emplace(textAt(rows, 0),
                      Acknowledgement{sourceStateOf(textAt(rows, 1)), textAt(rows, 2),
                                      textAt(rows, 3), timeAt(rows, 4).value_or(Timestamp{}),
                                      timeAt(rows, 5).value_or(Timestamp{})});
    }
    return found;
}

void SourceTable::acknowledge(const std::string& id, const Acknowledgement& known) {
    SqlStatement replace = database_.prepare("REPLACE INTO acknowledgements VALUES(?,?,?,?,?,?)");
    bindText(replace, 1, id);
    bindText(replace, 2, nameOf(known.state));
    bindText(replace, 3, known.reason);
    bindText(replace, 4, known.user);
    replace.bind(5, toColumn(known.made)).bind(6, toColumn(known.until)).run();
}

bool SourceTable::withdraw(const std::string& id) {
    SqlStatement drop =
        database_.prepare("DELETE FROM acknowledgements WHERE source=? RETURNING 1");
    bindText(drop, 1, id);
    const bool there = drop.step();
    while (there && drop.step()) {
    }
    return there;
}

void SourceTable::dropEnded(Timestamp before) {
    SqlStatement drop = database_.prepare("DELETE FROM acknowledgements WHERE until<=?");
    drop.bind(1, toColumn(before)).run();
}

}  // namespace coffer
