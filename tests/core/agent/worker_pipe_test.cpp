#include "core/agent/worker_pipe.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"

namespace coffer {
namespace {

WorkerOrder sampleOrder() {
    WorkerOrder order;
    order.run = 0x7fffffffffffffff;
    order.attempt = 3;
    order.kind = "backup";
    order.store = "[::1]:2424";
    order.authorityFile = "/state/authority.pem";
    order.identityFile = std::string("/state/\xff/agent.pem");
    order.token = Bytes{0, 1, 255};
    order.agent = AgentIdentity::random();
    order.cacheFolder = "/state/cache";
    order.own = {"/state", "/etc/coffer"};
    order.host = "laptop-7";
    order.what = {"/home", std::string("/\xc3\x28\n\"")};
    order.target = "/back";
    order.patterns = {"*.o", "!keep.o"};
    order.options = {{"workers", "2"}, {"compression", "1"}, {"include", "*.\xff\n*.c"}};
    return order;
}

// The line of a sample with one text replaced.
std::string changedLine(const std::string& from, const std::string& to) {
    std::string line = sampleOrder().encode();
    const std::size_t at = line.find(from);
    EXPECT_NE(at, line.npos) << from;
    return line.replace(at, from.size(), to);
}

TEST(WorkerPipe, AnOrderComesThroughWithEveryOctet) {
    const WorkerOrder order = sampleOrder();
    const std::string line = order.encode();
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    const WorkerOrder read = WorkerOrder::decode(line);
    EXPECT_EQ(read.run, order.run);
    EXPECT_EQ(read.attempt, order.attempt);
    EXPECT_EQ(read.kind, order.kind);
    EXPECT_EQ(read.store, order.store);
    EXPECT_EQ(read.authorityFile, order.authorityFile);
    EXPECT_EQ(read.identityFile, order.identityFile);
    EXPECT_EQ(read.token, order.token);
    EXPECT_EQ(read.agent.id, order.agent.id);
    EXPECT_EQ(read.agent.sign.verifyKey(), order.agent.sign.verifyKey());
    EXPECT_EQ(read.cacheFolder, order.cacheFolder);
    EXPECT_EQ(read.own, order.own);
    EXPECT_EQ(read.host, order.host);
    EXPECT_EQ(read.what, order.what);
    EXPECT_EQ(read.target, order.target);
    EXPECT_EQ(read.patterns, order.patterns);
    EXPECT_EQ(read.options, order.options);
}

TEST(WorkerPipe, RefusesAnOrderThatIsNone) {
    for (const char* line : {"", "\n", "cancel\n", "[]", "{}", "{\"run\":1}", "\"x\""}) {
        expectError(ErrorCode::invalidArgument, [&] { WorkerOrder::decode(line); });
    }
    const auto refused = [](const std::string& from, const std::string& to,
                            const std::string& name) {
        expectError(
            ErrorCode::invalidArgument, [&] { WorkerOrder::decode(changedLine(from, to)); }, name);
    };
    refused("\"attempt\":3", "\"attempt\":4294967296", "attempt");
    refused("\"attempt\":3", "\"attempt\":-1", "attempt");
    refused("\"attempt\":3", "\"attempt\":3.5", "attempt");
    refused("\"attempt\":3", "\"attempt\":\"3\"", "attempt");
    refused("9223372036854775807", "9223372036854775808", "run");
    refused("\"token\":\"0001ff\"", "\"token\":\"0001f\"", "hexadecimal");
    refused("\"seed\":\"", "\"seed\":\"00", "seed");
    refused("\"options\":{", "\"options\":{\"x\":1,", "options");
}

TEST(WorkerPipe, PassesOverWhatItDoesNotKnow) {
    EXPECT_EQ(WorkerOrder::decode(changedLine("{", "{\"later\":[1],")).run, sampleOrder().run);
}

TEST(WorkerPipe, ReportsComeThrough) {
    const RunCounts counts{{"files", 7}, {"bytes", ~0ull}};
    const WorkerProgress progress{"running", counts};
    const auto readProgress = std::get<WorkerProgress>(decodeReport(encodeReport(progress)));
    EXPECT_EQ(readProgress.phase, progress.phase);
    EXPECT_EQ(readProgress.counts, progress.counts);

    const WorkerProblem problem{std::string("/a\xff\n"), "io-error", "caf\xc3\xa9"};
    const auto readProblem = std::get<WorkerProblem>(decodeReport(encodeReport(problem)));
    EXPECT_EQ(readProblem.path, problem.path);
    EXPECT_EQ(readProblem.code, problem.code);
    EXPECT_EQ(readProblem.message, problem.message);

    const WorkerResult result{"warnings", "", "0123", {{"files", 1}}};
    const auto readResult = std::get<WorkerResult>(decodeReport(encodeReport(result)));
    EXPECT_EQ(readResult.outcome, result.outcome);
    EXPECT_EQ(readResult.message, result.message);
    EXPECT_EQ(readResult.snapshot, result.snapshot);
    EXPECT_EQ(readResult.counts, result.counts);
}

TEST(WorkerPipe, MendsTextThatIsNotUtf8) {
    const WorkerProblem problem{"/a", "io-error", "bad \xff"};
    const auto read = std::get<WorkerProblem>(decodeReport(encodeReport(problem)));
    EXPECT_EQ(read.message, "bad \xef\xbf\xbd");
}

TEST(WorkerPipe, RefusesAReportThatIsNone) {
    for (const char* line :
         {"", "hello", "{\"report\":\"poem\"}", "{\"report\":1}", "{\"report\":\"progress\"}",
          "{\"report\":\"progress\",\"phase\":\"x\",\"counts\":{\"files\":-1}}",
          "{\"report\":\"progress\",\"phase\":\"x\",\"counts\":[1]}",
          "{\"report\":\"problem\",\"path\":\"zz\",\"code\":\"\",\"message\":\"\"}"}) {
        expectError(ErrorCode::invalidArgument, [&] { decodeReport(line); });
    }
}

TEST(WorkerPipe, BoundsDepthAndLength) {
    expectError(
        ErrorCode::invalidArgument, [] { decodeReport(std::string(1'000'000, '[')); }, "deep");
    std::string objects;
    for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
    expectError(
        ErrorCode::invalidArgument, [&] { decodeReport(objects); }, "deep");
    expectError(
        ErrorCode::invalidArgument, [] { decodeReport(std::string(17 << 20, ' ')); }, "long");
}

}  // namespace
}  // namespace coffer
