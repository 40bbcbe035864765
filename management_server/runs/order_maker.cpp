#include "management_server/runs/order_maker.h"

#include "core/rpc/convert.h"
#include "management_server/runs/run_options.h"
#include "management_server/runs/run_snapshot.h"

namespace coffer {

namespace {

constexpr std::int64_t tokenSeconds = 7 * 24 * 3600;

}  // namespace

Coffer::RunOrder OrderMaker::make(const RunRecord& run) const {
    const bool backup = run.kind == run_kind::backup;
    const AgentCalls::Identity agent = agents_.identity(run.agent);
    const std::shared_ptr<Repository> repository = repositories_.open(run.repository);
    // Who only reads need not be known there.
    if (backup) repository->enrol(agent.id, agent.verifyKey);

    rpc::RunGrant grant;
    grant.kind = backup ? rpc::RunGrant::Kind::backup : rpc::RunGrant::Kind::restore;
    grant.run = run.number;
    grant.attempt = run.stand.attempt;
    grant.repository = run.repository;
    grant.agent = run.agent;
    grant.agentId = agent.id;
    RunTexts options = run.options;
    if (backup) {
        grant.snapshot = snapshotOf(run, repository->config().repositoryId).hex();
        grant.tags = takeTags(options);
        options["snapshot"] = grant.snapshot;
    } else {
        grant.snapshot = run.snapshot;
        grant.paths = run.what;
    }
    if (!run.task.empty()) options["task"] = run.task;
    grant.expires = clock_.now();
    grant.expires.seconds += tokenSeconds;

    Coffer::RunOrder order;
    order.run = run.number;
    order.attempt = run.stand.attempt;
    order.kind = run.kind.c_str();
    // Empty: the server that the agent is attached to.
    order.store = agent.knowsStores ? store_.c_str() : "";
    order.token = rpc::toOctets(issue_(grant));
    order.what = rpc::toPaths(run.what);
    order.target = rpc::toPath(run.target);
    order.patterns = rpc::toStrings(run.patterns);
    order.options = rpc::toSettings(options);
    return order;
}

}  // namespace coffer
