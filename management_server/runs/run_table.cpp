#include "management_server/runs/run_table.h"

#include <utility>

#include "core/base/error.h"
#include "management_server/database/columns.h"

namespace coffer {

namespace {

// In the order in which recordAt() reads them.
const std::string columns =
    "number,kind,agent,repository,state,phase,message,ordered,started,ended,attempt,user,snapshot,"
    "what,target,patterns,options,counts,problems,result_taken,"
    "task,priority,run_window,zone,hold,held_at,held_seconds,server_losses,committed,done,"
    "generation";

// The states in which somebody is still to work on a run. Names are blobs.
const std::string isActive =
    "state IN(CAST('waiting' AS BLOB),CAST('queued' AS BLOB),CAST('running' AS BLOB),"
    "CAST('parked' AS BLOB))";

const std::string isVerifying = "state=CAST('verifying' AS BLOB)";

template <class Integer>
Integer integerAt(SqlStatement& row, int column) {
    const std::int64_t value = row.integer(column);
    if (!std::in_range<Integer>(value)) {
        throw Error(ErrorCode::corrupt, "server.db: a number of a run is out of range");
    }
    return static_cast<Integer>(value);
}

RunRecord recordAt(SqlStatement& row) {
    RunRecord run;
    run.number = row.integer(0);
    run.kind = textAt(row, 1);
    run.agent = textAt(row, 2);
    run.repository = textAt(row, 3);
    run.stand.state = runStateOf(textAt(row, 4));
    run.phase = textAt(row, 5);
    run.message = textAt(row, 6);
    run.ordered = timeAt(row, 7).value_or(Timestamp{});
    run.started = timeAt(row, 8);
    run.ended = timeAt(row, 9);
    run.stand.attempt = integerAt<std::uint32_t>(row, 10);
    run.user = textAt(row, 11);
    run.snapshot = textAt(row, 12);
    run.what = decodeTexts(row.blob(13));
    run.target = textAt(row, 14);
    run.patterns = decodeTexts(row.blob(15));
    run.options = decodeMap(row.blob(16));
    run.counts = decodeMap(row.blob(17));
    run.problems = static_cast<std::uint64_t>(row.integer(18));
    run.stand.resultTaken = row.integer(19) != 0;
    run.task = textAt(row, 20);
    run.priority = integerAt<int>(row, 21);
    run.window = textAt(row, 22);
    run.zone = textAt(row, 23);
    run.stand.hold = runHoldOf(textAt(row, 24));
    run.heldAt = timeAt(row, 25);
    run.heldSeconds = row.integer(26);
    run.stand.serverLosses = integerAt<std::uint32_t>(row, 27);
    run.committed = timeAt(row, 28);
    if (run.stand.state == RunState::verifying) run.stand.done = runStateOf(textAt(row, 29));
    run.generation = static_cast<std::uint64_t>(row.integer(30));
    run.stand.cancelling = run.stand.state == RunState::running && run.phase == cancellingPhase;
    return run;
}

// A synchronisation that names the agent, with the other name in its place; nothing for any other
// run.
std::optional<RunRecord> renamed(RunRecord run, const std::string& name, const std::string& fresh) {
    if (run.kind != run_kind::synchronise) return {};
    bool names = false;
    const auto rename = [&](std::string& place) {
        if (!place.starts_with(name + ":")) return;
        place = fresh + place.substr(name.size());
        names = true;
    };
    for (std::string& place : run.what) rename(place);
    rename(run.target);
    if (!names) return {};
    return run;
}

std::string_view doneColumn(const RunStand& stand) {
    return stand.state == RunState::verifying ? nameOf(stand.done) : std::string_view();
}

std::string phaseOf(const RunRecord& run) {
    const std::string stopping = stoppingPhase(run.stand);
    return stopping.empty() ? run.phase : stopping;
}

}  // namespace

std::int64_t RunTable::insert(const RunRecord& run) {
    SqlStatement row = database_.prepare(
        "INSERT INTO runs(kind,agent,repository,state,phase,message,ordered,started,ended,attempt,"
        "user,snapshot,what,target,patterns,options,counts,problems,result_taken,task,priority,"
        "run_window,zone) VALUES(?,?,?,?,?,?,?,0,0,?,?,?,?,?,?,?,?,0,0,?,?,?,?) RETURNING number");
    bindText(row, 1, run.kind);
    bindText(row, 2, run.agent);
    bindText(row, 3, run.repository);
    bindText(row, 4, nameOf(run.stand.state));
    bindText(row, 5, phaseOf(run));
    bindText(row, 6, run.message);
    row.bind(7, toColumn(run.ordered));
    row.bind(8, std::int64_t{run.stand.attempt});
    bindText(row, 9, run.user);
    bindText(row, 10, run.snapshot);
    row.bind(11, encodeTexts(run.what));
    bindText(row, 12, run.target);
    row.bind(13, encodeTexts(run.patterns));
    row.bind(14, encodeMap(run.options));
    row.bind(15, encodeMap(run.counts));
    bindText(row, 16, run.task);
    row.bind(17, std::int64_t{run.priority});
    bindText(row, 18, run.window);
    bindText(row, 19, run.zone);
    if (!row.step()) throw Error(ErrorCode::internal, "server.db gave no number to a run");
    return row.integer(0);
}

void RunTable::passOver(std::int64_t number) {
    // SQLite makes the row with the first run.
    database_.execute(
        "INSERT INTO sqlite_sequence(name, seq) SELECT 'runs', 0"
        " WHERE NOT EXISTS(SELECT 1 FROM sqlite_sequence WHERE name='runs')");
    SqlStatement row =
        database_.prepare("UPDATE sqlite_sequence SET seq=? WHERE name='runs' AND seq<?");
    row.bind(1, number).bind(2, number).run();
}

std::optional<RunRecord> RunTable::find(std::int64_t number) {
    SqlStatement row = database_.prepare("SELECT " + columns + " FROM runs WHERE number=?");
    row.bind(1, number);
    if (!row.step()) return {};
    return recordAt(row);
}

std::vector<RunRecord> RunTable::newest(std::int64_t before, std::uint32_t atMost) {
    SqlStatement rows = database_.prepare("SELECT " + columns +
                                          " FROM runs WHERE number<? ORDER BY number DESC LIMIT ?");
    rows.bind(1, before).bind(2, std::int64_t{atMost});
    return readAll(rows);
}

std::vector<RunRecord> RunTable::active(const std::string& agent) {
    // '+': few runs are active, but an agent has had many.
    SqlStatement rows = database_.prepare("SELECT " + columns + " FROM runs WHERE " + isActive +
                                          " AND +agent=? ORDER BY number");
    bindText(rows, 1, agent);
    return readAll(rows);
}

std::vector<RunRecord> RunTable::active() {
    SqlStatement rows = database_.prepare("SELECT " + columns + " FROM runs WHERE " + isActive +
                                          " ORDER BY number");
    return readAll(rows);
}

std::vector<RunRecord> RunTable::verifying() {
    SqlStatement rows = database_.prepare("SELECT " + columns + " FROM runs WHERE " + isVerifying +
                                          " ORDER BY number");
    return readAll(rows);
}

std::vector<std::int64_t> RunTable::numbersIn(RunState state) {
    SqlStatement rows = database_.prepare("SELECT number FROM runs WHERE state=? ORDER BY number");
    bindText(rows, 1, nameOf(state));
    std::vector<std::int64_t> numbers;
    while (rows.step()) numbers.push_back(rows.integer(0));
    return numbers;
}

std::vector<RunRecord> RunTable::begunOfTasks() {
    SqlStatement rows = database_.prepare("SELECT " + columns + " FROM runs WHERE " + isActive +
                                          " AND task<>x'' AND started<>0 ORDER BY number");
    return readAll(rows);
}

std::optional<Timestamp> RunTable::lastOrdered(const std::string& task, const std::string& agent) {
    SqlStatement row = database_.prepare(
        "SELECT ordered FROM runs WHERE agent=? AND +task=? ORDER BY number DESC LIMIT 1");
    bindText(row, 1, agent);
    bindText(row, 2, task);
    if (!row.step()) return {};
    return timeAt(row, 0);
}

void RunTable::renameAgent(const std::string& name, const std::string& fresh) {
    if (countActive(name) > 0) {
        throw Error(ErrorCode::conflict,
                    "the agent has runs that have not ended: cancel them, or wait");
    }
    for (const RunRecord& run : active()) {
        if (!renamed(run, name, fresh)) continue;
        throw Error(ErrorCode::conflict,
                    "a synchronisation of the agent has not ended: cancel it, or wait");
    }
    SqlStatement row = database_.prepare("UPDATE runs SET agent=? WHERE agent=?");
    bindText(row, 1, fresh);
    bindText(row, 2, name);
    row.run();
    SqlStatement rows = database_.prepare("SELECT " + columns + " FROM runs WHERE kind=?");
    bindText(rows, 1, run_kind::synchronise);
    for (const RunRecord& run : readAll(rows)) {
        const auto with = renamed(run, name, fresh);
        if (!with) continue;
        SqlStatement change = database_.prepare("UPDATE runs SET what=?,target=? WHERE number=?");
        change.bind(1, encodeTexts(with->what));
        bindText(change, 2, with->target);
        change.bind(3, run.number).run();
    }
}

std::uint64_t RunTable::countActive(const std::string& agent) {
    SqlStatement row =
        database_.prepare("SELECT count(*) FROM runs WHERE " + isActive + " AND agent=?");
    bindText(row, 1, agent);
    return row.step() ? static_cast<std::uint64_t>(row.integer(0)) : 0;
}

std::uint64_t RunTable::countActive() {
    SqlStatement row = database_.prepare("SELECT count(*) FROM runs WHERE " + isActive);
    return row.step() ? static_cast<std::uint64_t>(row.integer(0)) : 0;
}

bool RunTable::isAtWork(const std::string& task, const std::string& agent) {
    SqlStatement row = database_.prepare("SELECT 1 FROM runs WHERE " + isActive +
                                         " AND task=? AND agent=? LIMIT 1");
    bindText(row, 1, task);
    bindText(row, 2, agent);
    return row.step();
}

std::optional<std::int64_t> RunTable::activeIn(const std::string& repository) {
    SqlStatement row = database_.prepare("SELECT number FROM runs WHERE " + isActive +
                                         " AND (repository=?1 OR (kind=?2 AND target=?1)) LIMIT 1");
    bindText(row, 1, repository);
    bindText(row, 2, run_kind::copy);
    if (!row.step()) return {};
    return row.integer(0);
}

bool RunTable::usesRemoved(const RunRecord& run) {
    SqlStatement row =
        database_.prepare("SELECT 1 FROM removals WHERE repository=? OR repository=?");
    bindText(row, 1, run.repository);
    bindText(row, 2, run.kind == run_kind::copy ? run.target : run.repository);
    return row.step();
}

std::vector<BackupHistory> RunTable::backupHistories(const std::string& repository) {
    SqlStatement rows = database_.prepare(
        std::string("SELECT agent,what,"
                    "max(CASE WHEN state IN(CAST('verifying' AS BLOB),CAST('succeeded' AS BLOB),"
                    "CAST('warnings' AS BLOB))"
                    " THEN CASE committed WHEN 0 THEN ended ELSE committed END END),"
                    "max(CASE WHEN state=CAST('failed' AS BLOB) THEN ended END)"
                    " FROM runs WHERE kind=? AND repository=? AND ") +
        isOfPresentRepository + " GROUP BY agent,what");
    bindText(rows, 1, run_kind::backup);
    bindText(rows, 2, repository);
    std::vector<BackupHistory> histories;
    while (rows.step()) {
        histories.push_back(
            {textAt(rows, 0), decodeTexts(rows.blob(1)), timeAt(rows, 2), timeAt(rows, 3)});
    }
    return histories;
}

void RunTable::update(const RunRecord& run) {
    SqlStatement row = database_.prepare(
        "UPDATE runs SET state=?,phase=?,message=?,started=?,ended=?,attempt=?,snapshot=?,counts=?,"
        "problems=?,result_taken=?,priority=?,run_window=?,zone=?,hold=?,held_at=?,held_seconds=?,"
        "server_losses=?,committed=?,done=?,generation=? WHERE number=?");
    bindText(row, 1, nameOf(run.stand.state));
    bindText(row, 2, phaseOf(run));
    bindText(row, 3, run.message);
    row.bind(4, toColumn(run.started)).bind(5, toColumn(run.ended));
    row.bind(6, std::int64_t{run.stand.attempt});
    bindText(row, 7, run.snapshot);
    row.bind(8, encodeMap(run.counts));
    row.bind(9, static_cast<std::int64_t>(run.problems));
    row.bind(10, std::int64_t{run.stand.resultTaken});
    row.bind(11, std::int64_t{run.priority});
    bindText(row, 12, run.window);
    bindText(row, 13, run.zone);
    bindText(row, 14, nameOf(run.stand.hold));
    row.bind(15, toColumn(run.heldAt)).bind(16, run.heldSeconds);
    row.bind(17, std::int64_t{run.stand.serverLosses}).bind(18, toColumn(run.committed));
    bindText(row, 19, doneColumn(run.stand));
    row.bind(20, static_cast<std::int64_t>(run.generation)).bind(21, run.number).run();
}

void RunTable::updateProgress(std::int64_t number, std::uint32_t attempt, const std::string& phase,
                              const RunTexts& counts) {
    // That somebody wants it to stop stands in the phase.
    SqlStatement row = database_.prepare(
        "UPDATE runs SET phase=CASE phase WHEN ? THEN phase ELSE ? END,counts=?"
        " WHERE number=? AND attempt=? AND state=CAST('running' AS BLOB)");
    bindText(row, 1, cancellingPhase);
    bindText(row, 2, phase);
    row.bind(3, encodeMap(counts)).bind(4, number).bind(5, std::int64_t{attempt}).run();
}

void RunTable::setProblems(std::int64_t run, const std::vector<RunProblemRecord>& problems) {
    database_.prepare("DELETE FROM run_problems WHERE run=?").bind(1, run).run();
    SqlStatement row = database_.prepare(
        "INSERT INTO run_problems(run,position,path,code,message) VALUES(?,?,?,?,?)");
    std::int64_t position = 0;
    for (const RunProblemRecord& problem : problems) {
        row.bind(1, run).bind(2, position++);
        bindText(row, 3, problem.path);
        bindText(row, 4, problem.code);
        bindText(row, 5, problem.message);
        row.run();
    }
}

std::vector<RunProblemRecord> RunTable::problems(std::int64_t run) {
    SqlStatement rows = database_.prepare(
        "SELECT path,code,message FROM run_problems WHERE run=? ORDER BY position");
    rows.bind(1, run);
    std::vector<RunProblemRecord> problems;
    while (rows.step()) problems.push_back({textAt(rows, 0), textAt(rows, 1), textAt(rows, 2)});
    return problems;
}

void RunTable::prune(std::uint64_t kept) {
    SqlStatement last = database_.prepare("SELECT max(number) FROM runs");
    const std::int64_t end = (last.step() ? last.integer(0) : 0) - static_cast<std::int64_t>(kept);
    if (end <= 0) return;
    // Nearly always one run at most: who enters one removes one.
    const std::string which = " SELECT number FROM runs WHERE number<=? AND NOT " + isActive +
                              " AND NOT " + isVerifying + " ORDER BY number LIMIT 1000";
    database_.prepare("DELETE FROM run_problems WHERE run IN(" + which + ")").bind(1, end).run();
    database_.prepare("DELETE FROM runs WHERE number IN(" + which + ")").bind(1, end).run();
}

std::vector<RunRecord> RunTable::readAll(SqlStatement& rows) {
    std::vector<RunRecord> runs;
    while (rows.step()) runs.push_back(recordAt(rows));
    return runs;
}

}  // namespace coffer
