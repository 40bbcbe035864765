#include "management_server/trigger/task_trigger.h"

#include "core/base/error.h"
#include "core/console/json.h"
#include "core/service/log.h"
#include "management_server/access/caller_address.h"
#include "management_server/trigger/trigger_path.h"

namespace coffer {

namespace {

HttpAnswer say(int status, const Json& document) {
    return {status, document.dump() + "\n", "application/json"};
}

HttpAnswer refuse(int status, ErrorCode code, const std::string& message) {
    Json document;
    document["error"]["code"] = nameOf(code);
    putOctets(document["error"], "message", message);
    return say(status, document);
}

int statusOf(ErrorCode code) {
    switch (code) {
        case ErrorCode::permissionDenied:
            return 403;
        case ErrorCode::notFound:
            return 404;
        case ErrorCode::conflict:
        case ErrorCode::unsupported:
        case ErrorCode::invalidArgument:
        case ErrorCode::busy:
            return 409;
        case ErrorCode::limitExceeded:
            return 429;
        case ErrorCode::unavailable:
            return 503;
        default:
            return 500;
    }
}

HttpAnswer refuse(const Error& error) {
    HttpAnswer answer = refuse(statusOf(error.code()), error.code(), error.what());
    if (error.retryAfter() > 0) {
        answer.headers["Retry-After"] = std::to_string((error.retryAfter() + 999) / 1'000);
    }
    return answer;
}

HttpAnswer refuseToken(const std::string& message) {
    HttpAnswer answer = refuse(401, ErrorCode::permissionDenied, message);
    answer.headers["WWW-Authenticate"] = "Bearer";
    return answer;
}

// A session for one request.
class Visit {
  public:
    Visit(SessionTable& sessions, const KnownUser& user)
        : sessions_(sessions),
          session_(sessions.begin(user.name, {.token = user.token->id,
                                              .grants = user.token->grants,
                                              .ends = user.token->expires})) {}
    ~Visit() { sessions_.end(session_.id); }
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;

    const UserSession& session() const { return session_; }

  private:
    SessionTable& sessions_;
    const UserSession session_;
};

}  // namespace

HttpAnswer TaskTrigger::answer(const HttpRequest& request) const {
    const std::optional<std::string> task = taskInPath(request.path);
    if (!task) return refuse(404, ErrorCode::notFound, "only /tasks/NAME/run");
    if (request.method != "POST") {
        HttpAnswer answer = refuse(405, ErrorCode::invalidArgument, "POST alone");
        answer.headers["Allow"] = "POST";
        return answer;
    }
    const CallerScope caller(request.address);
    KnownUser user;
    try {
        user = parts_.authentication.checkToken(bearerOf(request.authorization), request.address);
    } catch (const Error& error) {
        if (error.code() == ErrorCode::permissionDenied) return refuseToken(error.what());
        return refuse(error);
    }
    try {
        return start(user, *task);
    } catch (const Error& error) {
        return refuse(error);
    } catch (const std::exception& error) {
        log(LogLevel::error, "trigger.failed", {{"message", error.what()}});
        return refuse(500, ErrorCode::internal, "the server failed");
    }
}

// Whether there is a task that it may not see, or none, is nothing that a token learns.
HttpAnswer TaskTrigger::start(const KnownUser& user, const std::string& task) const {
    const Visit visit(parts_.sessions, user);
    try {
        Json document{{"runs", parts_.start(visit.session(), task)}};
        return say(202, document);
    } catch (const Error& error) {
        const bool hidden = error.code() == ErrorCode::notFound &&
                            !parts_.sessions.may(visit.session(), Right::look, {});
        if (!hidden && error.code() != ErrorCode::permissionDenied) throw;
        log(LogLevel::warning, "trigger.refused",
            {{"user", user.name}, {"task", task.substr(0, 100)}, {"message", error.what()}});
        throw Error(ErrorCode::permissionDenied, "this token may not start such a task");
    }
}

}  // namespace coffer
