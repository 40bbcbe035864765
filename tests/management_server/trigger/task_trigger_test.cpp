#include "management_server/trigger/task_trigger.h"

#include "core/console/json.h"
#include "management_server/access/caller_address.h"
#include "management_server/trigger/trigger_path.h"
#include "tests/management_server/access/access_fixture.h"

namespace coffer {
namespace {

struct TaskTriggerTest : UsersFixture {
    TaskTriggerTest() {
        permissions.add("user:ann", {UserRole::administrator});
        Timestamp end = clock.now();
        end.seconds += 3'600;
        token = tokens.make("ann", "script", end, {{UserRole::operating}});
    }

    std::vector<std::int64_t> start(const UserSession& session, const std::string& task) {
        started.push_back(session.user + " " + task + " from " + callerAddress());
        if (failure) throw Error(*failure);
        return {7, 8};
    }

    HttpAnswer ask(const std::string& path, const std::string& bearer,
                   const std::string& method = "POST") {
        return trigger.answer({method, path, bearer, "192.0.2.7"});
    }
    HttpAnswer run() { return ask("/tasks/nightly/run", "Bearer " + token); }

    // Status and code of an answer that is a refusal.
    static std::string refusalOf(const HttpAnswer& answer) {
        EXPECT_EQ(answer.contentType, "application/json");
        const Json document = Json::parse(answer.body);
        return std::to_string(answer.status) + " " +
               document.at("error").at("code").get<std::string>();
    }

    Authentication authentication{users, tokens, factors, clock};
    SessionTable sessions{
        clock,
        {[] { return Bytes(); }, []() -> std::optional<std::string> { return std::nullopt; },
         [this](const std::string& user) { return permissions.of(user); }}};
    std::optional<Error> failure;
    std::vector<std::string> started;
    std::string token;
    TaskTrigger trigger{
        {authentication, sessions, [this](const UserSession& session, const std::string& task) {
             return start(session, task);
         }}};
};

TEST_F(TaskTriggerTest, StartsATaskAsTheTokensUser) {
    const HttpAnswer answer = run();
    EXPECT_EQ(answer.status, 202);
    EXPECT_EQ(answer.contentType, "application/json");
    EXPECT_EQ(answer.body, "{\"runs\":[7,8]}\n");
    EXPECT_EQ(started, std::vector<std::string>{"ann nightly from 192.0.2.7"});
    // Nothing of it stays.
    EXPECT_EQ(sessions.count(), 0U);
    EXPECT_EQ(callerAddress(), "");
}

TEST_F(TaskTriggerTest, TheSessionMayWhatTheTokenMay) {
    bool mayRun = false;
    bool mayManage = true;
    const TaskTrigger looking(
        {authentication, sessions, [&](const UserSession& session, const std::string&) {
             mayRun = sessions.may(session, Right::run, {});
             mayManage = sessions.may(session, Right::manageTasks, {});
             return std::vector<std::int64_t>();
         }});
    looking.answer({"POST", "/tasks/x/run", "Bearer " + token, "192.0.2.7"});
    EXPECT_TRUE(mayRun);
    EXPECT_FALSE(mayManage);
}

TEST_F(TaskTriggerTest, TakesNothingButAToken) {
    std::string other = token;
    other.back() = other.back() == '0' ? '1' : '0';
    for (const std::string& bearer : std::vector<std::string>{
             "", token, "Basic " + token, "Bearer ", "Bearer x", "Bearer " + goodPassword,
             "Bearer " + other, "Bearer " + token + " "}) {
        const HttpAnswer answer = ask("/tasks/nightly/run", bearer);
        EXPECT_EQ(refusalOf(answer), "401 permission-denied") << bearer;
        EXPECT_EQ(answer.headers.at("WWW-Authenticate"), "Bearer");
    }
    EXPECT_TRUE(started.empty());
}

TEST_F(TaskTriggerTest, TokensThatHaveEndedAreNone) {
    users.add("bob", goodPassword, false);
    Timestamp end = clock.now();
    end.seconds += 3'600;
    const std::string bobs = tokens.make("bob", "script", end, {{UserRole::operating}});
    permissions.reload();
    permissions.setEnabled("bob", false);
    EXPECT_EQ(ask("/tasks/nightly/run", "Bearer " + bobs).status, 401);
    clock.advance(3'600);
    EXPECT_EQ(run().status, 401);
    EXPECT_TRUE(started.empty());
}

TEST_F(TaskTriggerTest, AnAddressThatGuessesWaits) {
    for (int i = 0; i < 11; ++i) EXPECT_EQ(ask("/tasks/x/run", "Bearer x").status, 401);
    const HttpAnswer answer = run();
    EXPECT_EQ(refusalOf(answer), "429 limit-exceeded");
    EXPECT_EQ(answer.headers.at("Retry-After"), "1");
    EXPECT_TRUE(started.empty());
    clock.advance(1);
    EXPECT_EQ(run().status, 202);
}

TEST_F(TaskTriggerTest, TellsWhatWentWrong) {
    const auto answerTo = [&](const Error& error) {
        failure = error;
        return refusalOf(run());
    };
    EXPECT_EQ(answerTo({ErrorCode::conflict, "its last run has not ended yet"}), "409 conflict");
    EXPECT_EQ(answerTo({ErrorCode::limitExceeded, "too many runs"}), "429 limit-exceeded");
    EXPECT_EQ(answerTo({ErrorCode::unavailable, "x"}), "503 unavailable");
    EXPECT_EQ(answerTo({ErrorCode::ioError, "x"}), "500 io-error");
    EXPECT_EQ(answerTo({ErrorCode::permissionDenied, "secret of agent vault"}),
              "403 permission-denied");
    EXPECT_EQ(run().body.find("vault"), std::string::npos);
    EXPECT_EQ(sessions.count(), 0U);
}

TEST_F(TaskTriggerTest, WhetherThereIsATaskLearnsOnlyWhoMaySeeAll) {
    failure = Error(ErrorCode::notFound, "there is no task x");
    EXPECT_EQ(refusalOf(run()), "404 not-found");
    Timestamp end = clock.now();
    end.seconds += 3'600;
    token = tokens.make("ann", "part", end, {{UserRole::operating, "", {"laptop"}}});
    const HttpAnswer absent = run();
    failure = Error(ErrorCode::permissionDenied, "not yours");
    EXPECT_EQ(absent.status, 403);
    EXPECT_EQ(absent.body, run().body);
}

TEST_F(TaskTriggerTest, OtherPathsAndMethodsAreRefused) {
    for (const char* path :
         {"/", "/tasks", "/tasks//run", "/tasks/run", "/tasks/a/b/run", "/metrics", "/tasks/a/run/",
          "/tasks/%/run", "/tasks/%zz/run", "/tasks/a%00/run", "tasks/a/run"}) {
        EXPECT_EQ(ask(path, "Bearer " + token).status, 404) << path;
    }
    EXPECT_EQ(ask("/tasks/" + std::string(2'000, 'a') + "/run", "Bearer " + token).status, 404);
    const HttpAnswer answer = ask("/tasks/nightly/run", "Bearer " + token, "GET");
    EXPECT_EQ(answer.status, 405);
    EXPECT_EQ(answer.headers.at("Allow"), "POST");
    EXPECT_TRUE(started.empty());
    EXPECT_EQ(taskInPath("/tasks/nightly%20of%2fb%C3%a4r/run"), "nightly of/b\xC3\xA4r");
}

}  // namespace
}  // namespace coffer
