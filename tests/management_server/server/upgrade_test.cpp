#include <filesystem>

#include "management_server/agents/agent_rows.h"
#include "management_server/database/columns.h"
#include "management_server/database/server_schema.h"
#include "management_server/runs/run_table.h"
#include "tests/management_server/server/whole_server.h"

namespace coffer {
namespace {

namespace fs = std::filesystem;

/// A server that is started on the database of an older program.
class Upgrade : public WholeServer {
  protected:
    // As the first program with a server.db has filled it.
    void startOnSchema(int version) {
        end();
        for (const char* rest : {"", "-wal", "-shm"}) fs::remove(state.databaseFile() + rest);
        {
            SqlDatabase old(state.databaseFile(), true);
            migrateServerSchema(old, 1);
            fill(old);
            migrateServerSchema(old, version);
        }
        begin();
    }

    void fill(SqlDatabase& old) const {
        SqlStatement user = old.prepare("INSERT INTO users VALUES(?, ?, 0, ?, ?)");
        bindText(user, 1, "admin");
        bindText(user, 2, "kept " + goodPassword);
        user.bind(3, toColumn(clock.now())).bind(4, toColumn(clock.now())).run();
        SqlStatement agent = old.prepare("INSERT INTO agents VALUES(?, ?, ?, ?, 0, ?, ?)");
        bindText(agent, 1, "laptop");
        agent.bind(2, Bytes(16, 7)).bind(3, Bytes(32, 8)).bind(4, toColumn(clock.now()));
        agent.bind(5, toColumn(clock.now())).bind(6, encodeMap({{"host", "there"}})).run();
        for (const char* name : {"one", "two"}) {
            SqlStatement run = old.prepare(
                "INSERT INTO runs(kind,agent,repository,state,phase,message,ordered,started,ended,"
                "attempt,user,snapshot,what,target,patterns,options,counts,problems,result_taken)"
                " VALUES(CAST('backup' AS BLOB),CAST('laptop' AS BLOB),CAST('main' AS BLOB),"
                "CAST('succeeded' AS BLOB),x'',?,1,1,2,1,CAST('admin' AS "
                "BLOB),x'',?,x'',?,?,?,0,1)");
            bindText(run, 1, name);
            run.bind(2, encodeTexts({"/home"})).bind(3, encodeTexts({}));
            run.bind(4, encodeMap({})).bind(5, encodeMap({{"files", "3"}})).run();
        }
        old.execute(
            "INSERT INTO events(time, kind, subject, text, more) VALUES(1, x'61', x'', x'',"
            " x'00')");
        old.execute("INSERT INTO repositories VALUES(CAST('main' AS BLOB),CAST('/away' AS BLOB))");
    }
};

TEST_F(Upgrade, EverythingOfEverySchemaIsThereAfterwards) {
    for (int version = 1; version <= serverSchemaVersion; ++version) {
        startOnSchema(version);
        password = goodPassword;
        session = gate->login("admin", password.c_str(), Coffer::protocolLevel);
        session->logout();
        end();
        ServerDatabase database(state.databaseFile());
        database.read([&](SqlDatabase& db) {
            EXPECT_EQ(serverSchemaOf(db), serverSchemaVersion);
            const auto agents = readAgents(db);
            ASSERT_EQ(agents.size(), 1U);
            EXPECT_EQ(agents.at(0).name, "laptop");
            EXPECT_EQ(agents.at(0).facts.at("host"), "there");
            EXPECT_FALSE(agents.at(0).suspended);
            const auto runs = RunTable(db).newest(1'000, 10);
            ASSERT_EQ(runs.size(), 2U);
            EXPECT_EQ(runs.at(0).message, "two");
            EXPECT_EQ(runs.at(1).counts.at("files"), "3");
            EXPECT_EQ(runs.at(1).task, "");
        });
        // Who could do everything still can.
        EXPECT_TRUE(allowed(Permissions(database).of("admin"), Right::manageAccess, {}));
        EXPECT_EQ(fs::exists(state.databaseFile() + ".before-" + std::to_string(version + 1)),
                  version < serverSchemaVersion);
    }
}

TEST_F(Upgrade, ANewerDatabaseKeepsTheServerFromStarting) {
    end();
    {
        SqlDatabase newer(state.databaseFile(), true);
        newer.execute("PRAGMA user_version=" + std::to_string(serverSchemaVersion + 1));
    }
    expectError(
        ErrorCode::unsupported, [&] { begin(); }, "use the program that wrote it");
}

}  // namespace
}  // namespace coffer
