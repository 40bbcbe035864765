#include "tests/fuzz/network_seeds.h"

#include "core/agent/worker_pipe.h"
#include "core/rpc/store/run_token.h"
#include "management_server/objects/node_id.h"
#include "tests/fuzz/fixed_keys.h"

namespace coffer {

Samples nodeIds() {
    Samples samples;
    for (const char* path : {"/", "/etc", "/home/user/a file"}) {
        const Bytes id = encodeNodeId({}, {"laptop", path});
        samples.emplace_back(id.begin() + sizeof(SessionKey::bytes), id.end());
    }
    return samples;
}

Samples objectPaths() {
    return {toBytes(bytesOf("/")), toBytes(bytesOf("/a/b/c")), toBytes(bytesOf("/a/../b//c/."))};
}

Samples runTokens() {
    constexpr std::size_t macSize = 32;
    const ManualClock clock(0);
    const rpc::RunTokens tokens(fixedKey(6), clock);
    rpc::RunGrant backup;
    backup.run = 7;
    backup.repository = "main";
    backup.agent = "laptop";
    backup.agentId = fixedAgent;
    backup.expires = {1'700'000'000, 5};
    rpc::RunGrant restore = backup;
    restore.kind = rpc::RunGrant::Kind::restore;
    restore.snapshot = std::string(32, 'a');
    restore.paths = {"/home", "/etc/passwd"};
    Samples samples;
    for (const rpc::RunGrant& grant : {backup, restore}) {
        samples.push_back(tokens.issue(grant));
        samples.back().resize(samples.back().size() - macSize);
    }
    return samples;
}

Samples workerOrders() {
    WorkerOrder order;
    order.run = 7;
    order.attempt = 1;
    order.kind = "backup";
    order.store = "server:7465";
    order.token = {1, 2, 3};
    order.agent = {fixedAgent, SigningKey::fromSeed(fixedKey(4))};
    order.own = {"/var/lib/coffer/agent"};
    order.what = {"/home", "/etc"};
    order.patterns = {"*.o"};
    order.options = {{"workers", "2"}};
    return {toBytes(bytesOf(order.encode()))};
}

Samples workerReports() {
    const std::vector<WorkerReport> reports{
        WorkerProgress{"running", {{"files", 5}, {"bytes", 1ULL << 40}}},
        WorkerProblem{"/home/\xff", "permission-denied", "may not be read"},
        WorkerResult{"succeeded", "", std::string(32, 'a'), {{"files", 9}}}};
    Samples samples;
    for (const WorkerReport& report : reports) {
        samples.push_back(toBytes(bytesOf(encodeReport(report))));
    }
    return samples;
}

}  // namespace coffer
