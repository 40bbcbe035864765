#include "management_server/runs/run_view.h"

#include <limits>

#include "core/rpc/convert.h"

namespace coffer {

namespace {

constexpr std::size_t briefOctets = 2'048;

}  // namespace

std::vector<std::string> firstPaths(const std::vector<std::string>& paths) {
    std::vector<std::string> first;
    std::size_t octets = 0;
    for (const std::string& path : paths) {
        octets += path.size();
        if (octets > briefOctets) break;
        first.push_back(path);
    }
    return first;
}

Coffer::RunInfo toRunInfo(const RunRecord& run, bool brief) {
    Coffer::RunInfo info;
    info.number = run.number;
    info.kind = run.kind.c_str();
    info.agent = run.agent.c_str();
    info.repository = run.repository.c_str();
    info.state = std::string(nameOf(run.stand.state)).c_str();
    info.phase = run.phase.c_str();
    info.message = run.message.c_str();
    info.ordered = rpc::toMoment(run.ordered);
    info.started = rpc::toMoment(run.started);
    info.ended = rpc::toMoment(run.ended);
    info.attempt = run.stand.attempt;
    info.user = run.user.c_str();
    info.task = run.task.c_str();
    info.snapshot = run.snapshot.c_str();
    info.what = rpc::toPaths(brief ? firstPaths(run.what) : run.what);
    info.target = rpc::toPath(run.target);
    RunTexts counts = run.counts;
    if (run.committed) counts[committedCount] = std::to_string(run.committed->seconds);
    info.counts = rpc::toSettings(counts);
    constexpr std::uint64_t most = std::numeric_limits<CORBA::ULong>::max();
    info.problems = static_cast<CORBA::ULong>(std::min(run.problems, most));
    return info;
}

Coffer::RunProblems toRunProblems(const std::vector<RunProblemRecord>& problems) {
    Coffer::RunProblems sequence;
    sequence.length(static_cast<CORBA::ULong>(problems.size()));
    for (CORBA::ULong i = 0; i < sequence.length(); ++i) {
        sequence[i].where = rpc::toPath(problems[i].path);
        sequence[i].code = problems[i].code.c_str();
        sequence[i].message = problems[i].message.c_str();
    }
    return sequence;
}

}  // namespace coffer
