#include "management_server/access/confirmations.h"

#include <utility>

#include "core/base/error.h"
#include "management_server/database/columns.h"

namespace coffer {

namespace {

constexpr std::size_t mostWaiting = 1'000;
constexpr const char* waiting = "waiting";
constexpr const char* columns =
    "SELECT number, action, subject, user, made, expires, parameters, state, decider, decided,"
    " message FROM requests";

Request requestAt(SqlStatement& row) {
    Request request;
    request.number = row.integer(0);
    request.action = textAt(row, 1);
    request.subject = textAt(row, 2);
    request.user = textAt(row, 3);
    request.made = timeAt(row, 4).value_or(Timestamp{});
    request.expires = timeAt(row, 5).value_or(Timestamp{});
    request.parameters = decodeMap(row.blob(6));
    request.state = textAt(row, 7);
    request.decider = textAt(row, 8);
    request.decided = timeAt(row, 9);
    request.message = textAt(row, 10);
    return request;
}

std::optional<Request> readRequest(SqlDatabase& database, std::int64_t number) {
    SqlStatement row = database.prepare(std::string(columns) + " WHERE number=?");
    row.bind(1, number);
    if (!row.step()) return {};
    return requestAt(row);
}

std::vector<Request> readWaiting(SqlDatabase& database, Timestamp now) {
    std::vector<Request> requests;
    SqlStatement row = database.prepare(std::string(columns) + " WHERE state=? AND expires>?");
    bindText(row, 1, waiting);
    row.bind(2, toColumn(now));
    while (row.step()) requests.push_back(requestAt(row));
    return requests;
}

std::int64_t insert(SqlDatabase& database, const Request& request) {
    SqlStatement row = database.prepare(
        "INSERT INTO requests(action, subject, user, made, expires, parameters, state, decider,"
        " decided, message) VALUES(?, ?, ?, ?, ?, ?, ?, x'', 0, x'')");
    bindText(row, 1, request.action);
    bindText(row, 2, request.subject);
    bindText(row, 3, request.user);
    row.bind(4, toColumn(request.made)).bind(5, toColumn(request.expires));
    row.bind(6, encodeMap(request.parameters));
    bindText(row, 7, waiting).run();
    SqlStatement last = database.prepare("SELECT last_insert_rowid()");
    last.step();
    return last.integer(0);
}

void end(SqlDatabase& database, std::int64_t number, const std::string& state,
         const std::string& message) {
    SqlStatement row = database.prepare("UPDATE requests SET state=?, message=? WHERE number=?");
    bindText(row, 1, state);
    bindText(row, 2, message);
    row.bind(3, number).run();
}

// What waits and has this parameter has failed.
void endThoseAbout(SqlDatabase& database, const std::pair<std::string, std::string>& parameter,
                   Timestamp now, const std::string& why) {
    for (const Request& request : readWaiting(database, now)) {
        const auto found = request.parameters.find(parameter.first);
        if (found == request.parameters.end() || found->second != parameter.second) continue;
        end(database, request.number, "failed", why);
    }
}

}  // namespace

Confirmations::Confirmations(ServerDatabase& database, const Clock& clock,
                             const Permissions& permissions, const Settings& settings)
    : database_(database), clock_(clock), permissions_(permissions), settings_(settings) {}

void Confirmations::carryOut(const std::string& action, std::function<void(const Request&)> work) {
    works_[action] = std::move(work);
}

bool Confirmations::isNeeded() const {
    switch (settings_.secondPerson) {
        case SecondPerson::always:
            return true;
        case SecondPerson::never:
            return false;
        case SecondPerson::automatic:
            return permissions_.usersWith(Right::forget).size() >= 2;
    }
    return true;
}

void Confirmations::require(const std::string& user, const std::string& action,
                            const std::string& subject,
                            const std::map<std::string, std::string>& parameters) {
    if (!isNeeded()) return;
    const Timestamp now = clock_.now();
    const std::int64_t number = database_.change([&](SqlDatabase& database) {
        const std::vector<Request> open = readWaiting(database, now);
        for (const Request& request : open) {
            if (request.user == user && request.action == action &&
                request.parameters == parameters) {
                return request.number;
            }
        }
        if (open.size() >= mostWaiting) {
            throw Error(ErrorCode::limitExceeded, "1,000 requests wait for a second person");
        }
        Request request;
        request.action = action;
        request.subject = subject;
        request.user = user;
        request.made = now;
        request.expires = now;
        request.expires.seconds += settings_.validSeconds;
        request.parameters = parameters;
        return insert(database, request);
    });
    throw Error(ErrorCode::conflict, "this needs a second person: request " +
                                         std::to_string(number) +
                                         " waits for another deleter, "
                                         "who does 'coffer confirm " +
                                         std::to_string(number) + "'");
}

void Confirmations::confirm(const std::string& user, std::int64_t number) {
    const Request request = get(number);
    if (request.user == user) {
        throw Error(ErrorCode::permissionDenied, "another one has to confirm what you ask for");
    }
    const auto work = works_.find(request.action);
    if (work == works_.end()) {
        throw Error(ErrorCode::unsupported, "this server knows no action " + request.action);
    }
    // Before the work: nothing is done twice, whatever happens meanwhile.
    decide(user, number, "done");
    try {
        work->second(request);
    } catch (const std::exception& error) {
        const std::string why = error.what();
        database_.change([&](SqlDatabase& database) { end(database, number, "failed", why); });
        throw;
    }
}

void Confirmations::refuse(const std::string& user, std::int64_t number) {
    decide(user, number, "refused");
}

void Confirmations::decide(const std::string& user, std::int64_t number, const std::string& state) {
    const Timestamp now = clock_.now();
    database_.change([&](SqlDatabase& database) {
        const auto request = readRequest(database, number);
        if (!request) throw Error(ErrorCode::notFound, "there is no such request");
        const std::string present = asOfNow(*request).state;
        if (present != waiting) {
            throw Error(ErrorCode::conflict,
                        "request " + std::to_string(number) + " is " + present);
        }
        SqlStatement row =
            database.prepare("UPDATE requests SET state=?, decider=?, decided=? WHERE number=?");
        bindText(row, 1, state);
        bindText(row, 2, user);
        row.bind(3, toColumn(now)).bind(4, number).run();
    });
}

void Confirmations::agentRenamed(SqlDatabase& database, const std::string& name,
                                 const std::string& fresh, Timestamp now) {
    endThoseAbout(database, {"agent", name}, now,
                  "the agent is called " + fresh + " now: ask again");
}

void Confirmations::repositoryChanged(SqlDatabase& database, const std::string& name,
                                      Timestamp now) {
    endThoseAbout(database, {"repository", name}, now,
                  "the repository was removed or kept meanwhile: ask again");
}

void Confirmations::askerChanged(SqlDatabase& database, const std::string& user,
                                 const std::string& why) {
    SqlStatement row =
        database.prepare("UPDATE requests SET state=?, message=? WHERE state=? AND user=?");
    bindText(row, 1, "failed");
    bindText(row, 2, why);
    bindText(row, 3, waiting);
    bindText(row, 4, user);
    row.run();
}

std::vector<Request> Confirmations::list() const {
    std::vector<Request> requests = database_.read([](SqlDatabase& database) {
        std::vector<Request> found;
        SqlStatement row =
            database.prepare(std::string(columns) + " ORDER BY number DESC LIMIT 1000");
        while (row.step()) found.push_back(requestAt(row));
        return found;
    });
    for (Request& request : requests) request = asOfNow(std::move(request));
    return requests;
}

Request Confirmations::get(std::int64_t number) const {
    auto request =
        database_.read([&](SqlDatabase& database) { return readRequest(database, number); });
    if (!request) throw Error(ErrorCode::notFound, "there is no such request");
    return asOfNow(*std::move(request));
}

Request Confirmations::asOfNow(Request request) const {
    if (request.state == waiting && request.expires <= clock_.now()) request.state = "expired";
    return request;
}

}  // namespace coffer
