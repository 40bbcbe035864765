// The operations of the SnapshotManager by which snapshots are marked and forgotten.
#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "core/service/log.h"
#include "core/snapshot/snapshot_catalog.h"
#include "management_server/snapshots/snapshot_manager.h"

namespace coffer {

namespace {

constexpr CORBA::ULong rulesAtMost = 100;
constexpr std::size_t octetsAtMost = std::size_t{12} << 20;  // of verdicts, about

RetentionRules toRules(const Coffer::Settings& settings) {
    if (settings.length() > rulesAtMost) {
        throw Error(ErrorCode::invalidArgument, "more than 100 rules");
    }
    RetentionRules rules;
    for (CORBA::ULong i = 0; i < settings.length(); ++i) {
        setRetentionRule(rules, settings[i].name.in(), settings[i].value.in());
    }
    return rules;
}

std::size_t weightOf(const Coffer::RetentionVerdict& verdict) {
    std::size_t octets = 256;
    for (CORBA::ULong i = 0; i < verdict.what.length(); ++i) octets += 8 + verdict.what[i].length();
    return octets;
}

Coffer::RetentionVerdicts* toVerdicts(const std::vector<RetentionGroup>& groups,
                                      const AgentNames& agents, const Ledger& ledger) {
    Coffer::RetentionVerdicts_var all = new Coffer::RetentionVerdicts;
    CORBA::ULong count = 0;
    std::size_t octets = 0;
    for (const RetentionGroup& group : groups) {
        const std::string agent = nameOf(agents, group.source.agent);
        for (const RetentionVerdict& verdict : group.verdicts) {
            all->length(count + 1);
            Coffer::RetentionVerdict& to = all[count++];
            to.id = verdict.id.hex().c_str();
            to.agent = agent.c_str();
            to.what = rpc::toPaths(group.source.paths);
            const auto info = ledger.snapshot(verdict.id);
            to.committed = info ? rpc::toMoment(info->committed) : rpc::unknownMoment();
            to.keep = verdict.keep();
            std::vector<std::string> reasons;
            for (const RetentionReason& reason : verdict.reasons) reasons.push_back(reason.text());
            to.reasons = rpc::toStrings(reasons);
            octets += weightOf(to);
            if (octets > octetsAtMost) {
                throw Error(ErrorCode::limitExceeded, "too many snapshots for one answer");
            }
        }
    }
    return all._retn();
}

Coffer::Moment momentOf(const std::optional<Timestamp>& time) {
    return time ? rpc::toMoment(*time) : rpc::unknownMoment();
}

Coffer::SnapshotMark toMark(const SnapshotInfo& info, const std::string& agent) {
    Coffer::SnapshotMark mark;
    mark.id = info.registration.id.hex().c_str();
    mark.agent = agent.c_str();
    mark.committed = rpc::toMoment(info.committed);
    mark.lockedUntil = momentOf(info.mark.lockedUntil);
    mark.tags = rpc::toStrings(info.mark.tags);
    mark.due = momentOf(info.due);
    return mark;
}

std::uint64_t countForgotten(const std::vector<RetentionGroup>& groups) {
    std::uint64_t count = 0;
    for (const RetentionGroup& group : groups) {
        for (const RetentionVerdict& verdict : group.verdicts) count += verdict.keep() ? 0 : 1;
    }
    return count;
}

void change(SnapshotMark& mark, const std::string& name, const std::string& value) {
    if (name == "add-tag") {
        mark.addTag(value);
    } else if (name == "remove-tag") {
        mark.removeTag(value);
    } else {
        throw Error(ErrorCode::invalidArgument,
                    "a snapshot has no mark '" + printable(name.substr(0, 40)) + "'");
    }
}

}  // namespace

void SnapshotManager::tell(const UserSession& session, const char* kind,
                           const std::string& repository, const SnapshotId& snapshot,
                           const std::string& what) {
    log(LogLevel::info, std::string("snapshot.") + kind,
        {{"repository", repository}, {"snapshot", snapshot.hex()}, {"user", session.user}});
    parts_.events.add(std::string("snapshot-") + kind, snapshot.hex(),
                      "snapshot " + snapshot.hex() + " of " + repository + " " + what,
                      {{"repository", repository}, {"user", session.user}});
}

void SnapshotManager::forget(const char* repository, const char* snapshot) {
    rpc::serve("forget a snapshot", [&] {
        const UserSession session = parts_.sessions.require();
        const auto opened = parts_.repositories.open(repository);
        const SnapshotId id = findSnapshotInfo(*opened, snapshot).registration.id;
        parts_.retention.forget(*opened, std::span(&id, 1));
        tell(session, "forgotten", repository, id, "forgotten");
    });
}

void SnapshotManager::forgetForGood(const char* repository, const char* snapshot) {
    rpc::serve("forget a snapshot for good", [&] {
        const UserSession session = parts_.sessions.require();
        const auto opened = parts_.repositories.open(repository);
        const SnapshotId id = findAnyInfo(*opened, snapshot).registration.id;
        opened->forget(id);
        tell(session, "forgotten", repository, id, "forgotten for good");
    });
}

void SnapshotManager::unforget(const char* repository, const char* snapshot) {
    rpc::serve("bring a snapshot back", [&] {
        const UserSession session = parts_.sessions.require();
        const auto opened = parts_.repositories.open(repository);
        const SnapshotId id = findForgottenInfo(*opened, snapshot).registration.id;
        opened->untrash(std::span(&id, 1));
        tell(session, "unforgotten", repository, id, "brought back");
    });
}

Coffer::SnapshotMarks* SnapshotManager::marks(const char* repository) {
    return rpc::serve("list the marks of snapshots", [&] {
        parts_.sessions.require();
        const AgentNames agents = parts_.agents();
        std::vector<SnapshotInfo> marked =
            parts_.repositories.open(repository)->ledger().snapshots();
        std::erase_if(marked, [](const SnapshotInfo& info) {
            return info.registration.hidden || (info.mark.isEmpty() && !info.due);
        });
        Coffer::SnapshotMarks_var all = new Coffer::SnapshotMarks;
        all->length(static_cast<CORBA::ULong>(marked.size()));
        for (CORBA::ULong i = 0; i < all->length(); ++i) {
            all[i] = toMark(marked[i], nameOf(agents, marked[i].registration.agent));
        }
        return all._retn();
    });
}

void SnapshotManager::tag(const char* repository, const char* snapshot,
                          const Coffer::Settings& changes) {
    rpc::serve("tag a snapshot", [&] {
        const UserSession session = parts_.sessions.require();
        if (changes.length() > rulesAtMost) {
            throw Error(ErrorCode::invalidArgument, "more than 100 changes");
        }
        const auto opened = parts_.repositories.open(repository);
        const SnapshotId id = findSnapshotInfo(*opened, snapshot).registration.id;
        opened->mark(id, [&](SnapshotMark& mark) {
            for (CORBA::ULong i = 0; i < changes.length(); ++i) {
                change(mark, changes[i].name.in(), changes[i].value.in());
            }
        });
        tell(session, "tagged", repository, id, "tagged");
    });
}

void SnapshotManager::lock(const char* repository, const char* snapshot,
                           const Coffer::Moment& until) {
    rpc::serve("lock a snapshot", [&] {
        const UserSession session = parts_.sessions.require();
        const Timestamp time = rpc::toTimestamp(until);
        const auto opened = parts_.repositories.open(repository);
        const SnapshotId id = findSnapshotInfo(*opened, snapshot).registration.id;
        opened->mark(id, [&](SnapshotMark& mark) { mark.lockedUntil = time; });
        tell(session, "locked", repository, id, "locked until " + toIso8601(time));
    });
}

Coffer::RetentionVerdicts* SnapshotManager::previewRetention(const char* repository,
                                                             const Coffer::Settings& rules) {
    return rpc::serve("preview the retention", [&] {
        parts_.sessions.require();
        const auto groups = parts_.retention.preview(repository, toRules(rules));
        return toVerdicts(groups, parts_.agents(), parts_.repositories.open(repository)->ledger());
    });
}

Coffer::RetentionVerdicts* SnapshotManager::applyRetention(const char* repository,
                                                           const Coffer::Settings& rules) {
    return rpc::serve("apply the retention", [&] {
        const UserSession session = parts_.sessions.require();
        const auto opened = parts_.repositories.open(repository);
        const auto groups = parts_.retention.apply(repository, toRules(rules));
        const std::string count = std::to_string(countForgotten(groups));
        log(LogLevel::info, "retention.applied",
            {{"repository", repository}, {"forgotten", count}, {"user", session.user}});
        parts_.events.add(
            "retention-applied", repository,
            "retention of " + std::string(repository) + ": " + count + " snapshots forgotten",
            {{"forgotten", count}, {"user", session.user}});
        return toVerdicts(groups, parts_.agents(), opened->ledger());
    });
}

}  // namespace coffer
