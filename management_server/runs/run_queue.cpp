#include "management_server/runs/run_queue.h"

#include <algorithm>
#include <queue>

namespace coffer {

namespace {

using Counts = std::map<std::string, std::size_t>;

std::size_t countOf(const Counts& counts, const std::string& name) {
    const auto found = counts.find(name);
    return found == counts.end() ? 0 : found->second;
}

void takeOne(Counts& counts, const std::string& name) {
    const auto found = counts.find(name);
    if (--found->second == 0) counts.erase(found);
}

// The first of them that is in the way.
const FolderUse* inTheWay(const std::vector<FolderUse>& wanted,
                          const std::vector<FolderUse>& held) {
    for (const FolderUse& use : held) {
        const auto bothers = [&](const FolderUse& mine) { return mine.isInTheWayOf(use); };
        if (std::ranges::any_of(wanted, bothers)) return &use;
    }
    return nullptr;
}

}  // namespace

void RunQueue::Load::add(std::int64_t run, const RunLane& lane) {
    if (!lane.folders.empty()) folders.emplace(run, lane.folders);
    if (lane.agent.empty()) {
        ++ofServer;
        ++ownRepositories[lane.repository];
        return;
    }
    ++ofAgents;
    ++agents[lane.agent];
    ++repositories[lane.repository];
}

void RunQueue::Load::remove(std::int64_t run, const RunLane& lane) {
    folders.erase(run);
    if (lane.agent.empty()) {
        --ofServer;
        takeOne(ownRepositories, lane.repository);
        return;
    }
    --ofAgents;
    takeOne(agents, lane.agent);
    takeOne(repositories, lane.repository);
}

// The narrowest is named first.
RunLack RunQueue::Load::lackOf(const RunLane& lane, const Limits& limits) const {
    if (lane.agent.empty()) {
        const bool has = !lane.repository.empty();
        if (has && countOf(ownRepositories, lane.repository) > 0) return RunLack::repository;
        for (const auto& [run, held] : folders) {
            if (inTheWay(lane.folders, held)) return RunLack::folder;
        }
        return ofServer < limits.ofServer ? RunLack::nothing : RunLack::server;
    }
    if (countOf(agents, lane.agent) >= limits.ofAgent) return RunLack::agent;
    if (countOf(repositories, lane.repository) >= limits.ofRepository) return RunLack::repository;
    return ofAgents < limits.atOnce ? RunLack::nothing : RunLack::server;
}

void RunQueue::put(std::int64_t run, Standing standing, int priority, const RunLane& lane) {
    remove(run);
    const Turn turn{priority, run};
    const auto place = lanes_.try_emplace(lane).first;
    places_.emplace(run, Place{place, turn});
    Members& members = place->second;
    switch (standing) {
        case Standing::waiting:
            members.waiting.insert(turn);
            return;
        case Standing::atWork:
            members.atWork.insert(run);
            return load_.add(run, lane);
        case Standing::stopping:
            members.stopping.insert(run);
            return load_.add(run, lane);
        case Standing::asleep:
            members.asleep.insert(run);
            return;
    }
}

void RunQueue::remove(std::int64_t run) {
    const auto found = places_.find(run);
    if (found == places_.end()) return;
    const auto [place, turn] = found->second;
    places_.erase(found);
    auto& [lane, members] = *place;
    members.waiting.erase(turn);
    members.asleep.erase(run);
    if (members.atWork.erase(run) + members.stopping.erase(run) > 0) load_.remove(run, lane);
    if (members.waiting.empty() && members.atWork.empty() && members.stopping.empty() &&
        members.asleep.empty()) {
        lanes_.erase(place);
    }
}

RunQueue::Plan RunQueue::plan(const Limits& limits, const IsOpen& isOpen) const {
    struct Head {
        const RunLane* lane;
        std::set<Turn>::const_iterator at;
        std::set<Turn>::const_iterator end;
        bool operator<(const Head& other) const { return *other.at < *at; }
    };
    Plan plan;
    std::priority_queue<Head> heads;
    for (const auto& [lane, members] : lanes_) {
        const auto& [waiting, atWork, stopping, asleep] = members;
        if (isOpen(lane)) {
            plan.wake.insert(plan.wake.end(), asleep.begin(), asleep.end());
            if (!waiting.empty()) heads.push({&lane, waiting.begin(), waiting.end()});
        } else {
            plan.stop.insert(plan.stop.end(), atWork.begin(), atWork.end());
        }
    }
    // Room only shrinks: a lane that lacks something has had its turn.
    Load load = load_;
    while (!heads.empty()) {
        Head head = heads.top();
        heads.pop();
        const RunLack lack = load.lackOf(*head.lane, limits);
        // Later ones do not get what it waits for.
        if (lack == RunLack::folder) load.folders.emplace(head.at->run, head.lane->folders);
        if (lack != RunLack::nothing) continue;
        load.add(head.at->run, *head.lane);
        plan.begin.push_back(head.at->run);
        if (++head.at != head.end) heads.push(head);
    }
    return plan;
}

RunLack RunQueue::lackOf(const RunLane& lane, const Limits& limits, const IsOpen& isOpen) const {
    return isOpen(lane) ? load_.lackOf(lane, limits) : RunLack::window;
}

std::optional<RunQueue::Holder> RunQueue::holderOf(std::int64_t run, const IsOpen& isOpen) const {
    const auto place = places_.find(run);
    if (place == places_.end()) return {};
    const auto& [its, turn] = place->second;
    const std::vector<FolderUse>& wanted = its->first.folders;
    if (wanted.empty()) return {};
    for (const auto& [other, held] : load_.folders) {
        if (const FolderUse* use = inTheWay(wanted, held)) return Holder{other, use->folder, true};
    }
    for (const auto& [lane, members] : lanes_) {
        const FolderUse* use = inTheWay(wanted, lane.folders);
        if (!use || members.waiting.empty() || !isOpen(lane)) continue;
        const Turn& first = *members.waiting.begin();
        if (first < turn) return Holder{first.run, use->folder, false};
    }
    return {};
}

std::vector<std::int64_t> RunQueue::inTurn() const {
    std::vector<Turn> turns;
    for (const auto& [lane, members] : lanes_) {
        turns.insert(turns.end(), members.waiting.begin(), members.waiting.end());
    }
    std::sort(turns.begin(), turns.end());
    std::vector<std::int64_t> runs;
    for (const Turn& turn : turns) runs.push_back(turn.run);
    return runs;
}

}  // namespace coffer
