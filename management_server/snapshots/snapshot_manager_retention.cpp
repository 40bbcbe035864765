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

GivenRules givenRules(const Coffer::Settings& settings) {
    if (settings.length() > rulesAtMost) {
        throw Error(ErrorCode::invalidArgument, "more than 100 rules");
    }
    GivenRules rules;
    for (CORBA::ULong i = 0; i < settings.length(); ++i) {
        rules.emplace_back(settings[i].name.in(), settings[i].value.in());
    }
    return rules;
}

// For the audit log: what is named several times has all its values.
AuditFacts factsOf(const Coffer::Settings& settings) {
    AuditFacts facts;
    for (CORBA::ULong i = 0; i < settings.length(); ++i) {
        std::string& value = facts[settings[i].name.in()];
        value += (value.empty() ? "" : ", ") + std::string(settings[i].value.in());
    }
    return facts;
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

Coffer::SnapshotMark toMark(const SnapshotInfo& info, const std::string& agent) {
    Coffer::SnapshotMark mark;
    mark.id = info.registration.id.hex().c_str();
    mark.agent = agent.c_str();
    mark.committed = rpc::toMoment(info.committed);
    mark.lockedUntil = rpc::toMoment(info.mark.lockedUntil);
    mark.tags = rpc::toStrings(info.mark.tags);
    mark.due = rpc::toMoment(info.due);
    return mark;
}

void change(SnapshotMark& mark, const std::string& name, const std::string& value) {
    if (name == "add-tag") {
        mark.addTag(value);
    } else if (name == "remove-tag") {
        if (!std::ranges::count(mark.tags, value)) {
            throw Error(ErrorCode::notFound,
                        "the snapshot has no tag '" + printable(value.substr(0, 80)) + "'");
        }
        mark.removeTag(value);
    } else {
        throw Error(ErrorCode::invalidArgument,
                    "a snapshot has no mark '" + printable(name.substr(0, 40)) + "'");
    }
}

}  // namespace

/// A snapshot that something is to be done with, and what the audit log says of it.
struct SnapshotManager::Chosen {
    UserSession session;
    std::shared_ptr<Repository> repository;
    SnapshotId id;
    std::string text;
};

SnapshotManager::Chosen SnapshotManager::choose(Right right, const char* repository,
                                                const char* snapshot,
                                                SnapshotInfo (*find)(Repository&,
                                                                     const std::string&)) {
    Chosen chosen{parts_.sessions.require(right, Scope::some()), {}, {}, {}};
    chosen.repository = parts_.repositories.open(repository);
    const SnapshotInfo info = find(*chosen.repository, snapshot);
    check(chosen.session, right, info.registration.agent);
    chosen.id = info.registration.id;
    chosen.text = std::string(repository) + ":" + chosen.id.hex();
    return chosen;
}

void SnapshotManager::forget(const char* repository, const char* snapshot) {
    rpc::serve("forget a snapshot", [&] {
        const Chosen it = choose(Right::forget, repository, snapshot, findSnapshotInfo);
        parts_.sessions.audited(it.session, {"snapshot-forgotten", it.text},
                                [&] { forgetting_.forget(it.session.user, repository, it.id); });
    });
}

void SnapshotManager::forgetForGood(const char* repository, const char* snapshot) {
    rpc::serve("forget a snapshot for good", [&] {
        const Chosen it = choose(Right::forget, repository, snapshot, findAnyInfo);
        parts_.sessions.audited(it.session, {"snapshot-forgotten-for-good", it.text}, [&] {
            forgetting_.forgetForGood(it.session.user, repository, it.id);
        });
    });
}

void SnapshotManager::unforget(const char* repository, const char* snapshot) {
    rpc::serve("bring a snapshot back", [&] {
        const Chosen it = choose(Right::mark, repository, snapshot, findForgottenInfo);
        parts_.sessions.audited(it.session, {"snapshot-unforgotten", it.text},
                                [&] { it.repository->untrash(std::span(&it.id, 1)); });
        forgetting_.tell(it.session.user, "unforgotten", repository, it.id, "brought back");
    });
}

Coffer::SnapshotMarks* SnapshotManager::marks(const char* repository) {
    return rpc::serve("list the marks of snapshots", [&] {
        const UserSession session = parts_.sessions.require(Right::look, Scope::some());
        const AgentNames agents = parts_.agents();
        std::vector<SnapshotInfo> marked =
            parts_.repositories.open(repository)->ledger().snapshots();
        keepShown(session, marked);
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
        const Chosen it = choose(Right::mark, repository, snapshot, findSnapshotInfo);
        if (changes.length() > rulesAtMost) {
            throw Error(ErrorCode::invalidArgument, "more than 100 changes");
        }
        const auto mark = [&](SnapshotMark& marked) {
            for (CORBA::ULong i = 0; i < changes.length(); ++i) {
                change(marked, changes[i].name.in(), changes[i].value.in());
            }
        };
        parts_.sessions.audited(it.session, {"snapshot-tagged", it.text, {}, factsOf(changes)},
                                [&] { it.repository->mark(it.id, mark); });
        forgetting_.tell(it.session.user, "tagged", repository, it.id, "tagged");
    });
}

void SnapshotManager::lock(const char* repository, const char* snapshot,
                           const Coffer::Moment& until) {
    rpc::serve("lock a snapshot", [&] {
        const Chosen it = choose(Right::mark, repository, snapshot, findSnapshotInfo);
        const Timestamp time = rpc::toTimestamp(until);
        parts_.sessions.audited(
            it.session, {"snapshot-locked", it.text, {}, {{"until", toIso8601(time)}}}, [&] {
                it.repository->mark(it.id, [&](SnapshotMark& mark) { mark.lockedUntil = time; });
            });
        forgetting_.tell(it.session.user, "locked", repository, it.id,
                         "locked until " + toIso8601(time));
    });
}

Coffer::RetentionVerdicts* SnapshotManager::previewRetention(const char* repository,
                                                             const Coffer::Settings& rules) {
    return rpc::serve("preview the retention", [&] {
        parts_.sessions.require(Right::look);
        const auto groups = parts_.retention.preview(repository, toRules(givenRules(rules)));
        return toVerdicts(groups, parts_.agents(), parts_.repositories.open(repository)->ledger());
    });
}

Coffer::RetentionVerdicts* SnapshotManager::previewTaskRetention(const char* task) {
    return rpc::serve("preview the retention of a task", [&] {
        parts_.sessions.require(Right::look);
        if (!parts_.taskRetention) throw Error(ErrorCode::unsupported, "there are no tasks here");
        const TaskRetentionPreview preview = parts_.taskRetention(task);
        return toVerdicts(preview.groups, parts_.agents(),
                          parts_.repositories.open(preview.repository)->ledger());
    });
}

Coffer::RetentionVerdicts* SnapshotManager::applyRetention(const char* repository,
                                                           const Coffer::Settings& rules) {
    return rpc::serve("apply the retention", [&] {
        const UserSession session = parts_.sessions.require(Right::forget);
        const auto opened = parts_.repositories.open(repository);
        const GivenRules given = givenRules(rules);
        const auto groups = parts_.sessions.audited(
            session, {"retention-applied", repository, {}, factsOf(rules)},
            [&] { return forgetting_.apply(session.user, repository, given); });
        return toVerdicts(groups, parts_.agents(), opened->ledger());
    });
}

}  // namespace coffer
