#include "management_server/updates/agent_updates.h"

#include <algorithm>
#include <array>

#include "core/base/error.h"
#include "management_server/database/columns.h"

namespace coffer {

namespace {

using State = AgentUpdate::State;

constexpr std::array<std::string_view, 6> names{"waiting", "offered", "done",
                                                "refused", "failed",  "stopped"};

State stateOf(std::int64_t number) {
    if (number < 0 || number >= static_cast<std::int64_t>(names.size())) {
        throw Error(ErrorCode::corrupt, "server.db: an update in no known state");
    }
    return static_cast<State>(number);
}

std::vector<AgentUpdate> readAll(SqlDatabase& database) {
    std::vector<AgentUpdate> updates;
    SqlStatement row = database.prepare(
        "SELECT agent, version, state, message, user, at_once, changed FROM agent_updates"
        " ORDER BY agent");
    while (row.step()) {
        updates.push_back(
            {textAt(row, 0), Version::parse(textAt(row, 1)), stateOf(row.integer(2)),
             textAt(row, 3), textAt(row, 4),
             static_cast<unsigned>(std::clamp<std::int64_t>(row.integer(5), 1, 1'000)),
             timeAt(row, 6).value_or(Timestamp{})});
    }
    return updates;
}

void write(SqlDatabase& database, const AgentUpdate& update) {
    SqlStatement row = database.prepare(
        "INSERT OR REPLACE INTO agent_updates(agent, version, state, message, user, at_once,"
        " changed) VALUES(?,?,?,?,?,?,?)");
    bindText(row, 1, update.agent);
    bindText(row, 2, update.version.text());
    row.bind(3, static_cast<std::int64_t>(update.state));
    bindText(row, 4, update.message);
    bindText(row, 5, update.user);
    row.bind(6, static_cast<std::int64_t>(update.atOnce));
    row.bind(7, toColumn(update.changed));
    row.run();
}

}  // namespace

std::string_view nameOf(AgentUpdate::State state) {
    return names.at(static_cast<std::size_t>(state));
}

std::vector<std::string> nextToTell(const std::vector<AgentUpdate>& updates,
                                    const std::set<std::string>& attached) {
    const auto first = std::ranges::find(updates, State::waiting, &AgentUpdate::state);
    if (first == updates.end()) return {};
    std::size_t done = 0;
    std::size_t underWay = 0;
    for (const AgentUpdate& update : updates) {
        if (update.version != first->version) continue;
        if (update.state == State::failed) return {};
        if (update.state == State::done) ++done;
        if (update.state == State::offered) ++underWay;
    }
    const std::size_t atOnce = first->atOnce;
    const std::size_t taken = done < atOnce ? done + underWay : underWay;
    std::vector<std::string> next;
    for (const AgentUpdate& update : updates) {
        if (taken + next.size() >= atOnce) break;
        if (update.state == State::waiting && attached.contains(update.agent)) {
            next.push_back(update.agent);
        }
    }
    return next;
}

std::vector<AgentUpdate> AgentUpdates::list() const {
    return database_.read([](SqlDatabase& database) { return readAll(database); });
}

// What became of the agents of an earlier order of the same version counts no more.
void AgentUpdates::order(const std::vector<std::string>& agents, const Version& version,
                         unsigned atOnce, const std::string& user) {
    const Timestamp now = clock_.now();
    database_.change([&](SqlDatabase& database) {
        for (const AgentUpdate& update : readAll(database)) {
            if (update.open() && update.version != version) {
                throw Error(ErrorCode::conflict, "version " + update.version.text() +
                                                     " is on its way: see 'coffer update status', "
                                                     "or stop it");
            }
        }
        database.execute("DELETE FROM agent_updates WHERE state NOT IN (0, 1)");
        for (const std::string& agent : agents) {
            write(database, {agent, version, State::waiting, "", user, atOnce, now});
        }
    });
}

bool AgentUpdates::enter(const AgentUpdate& update, AgentUpdate::State state,
                         const std::string& message) {
    if (update.state == state && update.message == message) return false;
    bool entered = false;
    database_.change([&](SqlDatabase& database) {
        SqlStatement row = database.prepare(
            "UPDATE agent_updates SET state=?, message=?, changed=?"
            " WHERE agent=? AND version=? AND state=?");
        row.bind(1, static_cast<std::int64_t>(state));
        bindText(row, 2, message);
        row.bind(3, toColumn(clock_.now()));
        bindText(row, 4, update.agent);
        bindText(row, 5, update.version.text());
        row.bind(6, static_cast<std::int64_t>(update.state));
        const std::uint64_t before = database.changes();
        row.run();
        entered = database.changes() > before;
    });
    return entered;
}

void AgentUpdates::renameAgent(SqlDatabase& database, const std::string& name,
                               const std::string& fresh) {
    SqlStatement row = database.prepare("UPDATE agent_updates SET agent=? WHERE agent=?");
    bindText(row, 1, fresh);
    bindText(row, 2, name);
    row.run();
}

void AgentUpdates::stopWaiting(const std::string& why) {
    end(State::waiting, why);
}

void AgentUpdates::stop(const std::string& why) {
    end(State::waiting, why);
    end(State::offered, why + "; it was told before, and may still take it");
}

void AgentUpdates::end(State state, const std::string& why) {
    database_.change([&](SqlDatabase& database) {
        SqlStatement row = database.prepare(
            "UPDATE agent_updates SET state=?, message=?, changed=? WHERE state=?");
        row.bind(1, static_cast<std::int64_t>(State::stopped));
        bindText(row, 2, why);
        row.bind(3, toColumn(clock_.now()));
        row.bind(4, static_cast<std::int64_t>(state));
        row.run();
    });
}

}  // namespace coffer
