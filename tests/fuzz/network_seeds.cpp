#include "tests/fuzz/network_seeds.h"

#include "core/agent/worker_pipe.h"
#include "core/rpc/store/agent_list.h"
#include "core/rpc/store/forms.h"
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
    backup.attempt = 2;
    backup.snapshot = std::string(32, 'b');
    backup.tags = {"nightly"};
    backup.repository = "main";
    backup.agent = "laptop";
    backup.agentId = fixedAgent;
    backup.expires = {1'700'000'000, 5};
    rpc::RunGrant restore = backup;
    restore.kind = rpc::RunGrant::Kind::restore;
    restore.snapshot = std::string(32, 'a');
    restore.tags.clear();
    restore.paths = {"/home", "/etc/passwd"};
    Samples samples;
    for (const rpc::RunGrant& grant : {backup, restore}) {
        samples.push_back(tokens.issue(grant));
        samples.back().resize(samples.back().size() - macSize);
    }
    return samples;
}

Samples agentLists() {
    const rpc::AgentList agents{{std::string(64, 'a'), "laptop"}, {std::string(64, 'b'), "nas-1"}};
    return {toBytes(bytesOf(rpc::encodeAgentList({}))),
            toBytes(bytesOf(rpc::encodeAgentList(agents)))};
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

Samples storeForms() {
    int none = 0;
    const CORBA::ORB_var orb = CORBA::ORB_init(none, nullptr);  // knows how text is coded
    Samples samples;
    const auto add = [&](std::uint8_t number, const auto& form) {
        cdrMemoryStream stream;
        form >>= stream;
        const auto* octets = static_cast<const std::uint8_t*>(stream.bufPtr());
        samples.push_back({number});
        append(samples.back(), {octets, static_cast<std::size_t>(stream.bufSize())});
    };
    Coffer::PlannedBlock block;
    PlannedBlock planned;
    planned.place.sealedLength = 116;
    planned.place.rawLength = 100;
    planned.chunks = {{0, 0, 60}, {1, 60, 40}};
    rpc::fill(block, planned);
    add(0, block);
    Coffer::BackupTerms terms;
    rpc::fill(terms, RepositoryConfig{}, fixedServerKeys());
    add(1, terms);
    add(2, rpc::toEntry(PackRegistration{fixedPack, 1'000, {}, fixedAgent, {}}));
    add(3, rpc::toEntry(SnapshotRegistration{}));
    const std::vector<ChunkId> ids(2);
    add(4, rpc::lendIds(ids));
    return samples;
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
