#include "management_server/notify/notify_rules.h"

#include <array>

#include "core/base/error.h"
#include "management_server/runs/run_record.h"

namespace coffer {

namespace {

constexpr std::array severities = {Severity::info, Severity::notice, Severity::warning,
                                   Severity::error, Severity::critical};

struct Rule {
    std::string_view kind;
    Severity severity;
    bool byMail;
};

constexpr std::array rules = {
    Rule{"source-failing", Severity::error, true},
    Rule{"source-unprotected", Severity::error, true},
    Rule{"source-late", Severity::warning, true},
    Rule{"source-recovered", Severity::notice, true},
    Rule{"source-unproven", Severity::notice, false},
    Rule{"pack-damaged", Severity::critical, true},
    Rule{"server-not-saved", Severity::warning, true},
    Rule{"server-saved", Severity::notice, true},
    Rule{"server-restored", Severity::warning, true},
    Rule{"notification-dropped", Severity::error, false},
    Rule{"agent-revoked", Severity::warning, false},
    Rule{"agent-enrolled", Severity::notice, false},
    Rule{"repository-created", Severity::notice, false},
    Rule{"repository-adopted", Severity::warning, true},
    Rule{"repository-removed", Severity::warning, true},
    Rule{"repository-kept", Severity::notice, true},
    Rule{"repository-gone", Severity::warning, true},
    Rule{"kit-exported", Severity::warning, true},
    Rule{"kit-confirmed", Severity::notice, false},
    Rule{"retention-applied", Severity::notice, false},
    Rule{"retention-failed", Severity::warning, false},
    Rule{"snapshot-forgotten", Severity::notice, false},
    Rule{"snapshot-gone", Severity::notice, false},
};

// What its source comes to is told of a backup by an event of its own.
Rule ruleOfEnd(const RecordedEvent& event) {
    const std::string_view state = event.value("state");
    if (state == "failed") {
        return {event.kind, Severity::error, event.value("kind") != run_kind::backup};
    }
    return {event.kind, state == "warnings" ? Severity::warning : Severity::info, false};
}

Rule ruleOf(const RecordedEvent& event) {
    if (event.kind == "run-ended") return ruleOfEnd(event);
    for (const Rule& rule : rules) {
        if (rule.kind == event.kind) return rule;
    }
    return {event.kind, Severity::info, false};
}

}  // namespace

std::string_view nameOf(Severity severity) {
    switch (severity) {
        case Severity::info:
            return "info";
        case Severity::notice:
            return "notice";
        case Severity::warning:
            return "warning";
        case Severity::error:
            return "error";
        case Severity::critical:
            return "critical";
    }
    return "critical";
}

Severity severityOf(std::string_view name) {
    for (const Severity severity : severities) {
        if (nameOf(severity) == name) return severity;
    }
    throw Error(ErrorCode::invalidArgument, "is info, notice, warning, error or critical");
}

std::optional<Severity> severityFor(ChannelKind channel, const RecordedEvent& event) {
    const Rule rule = ruleOf(event);
    if (channel == ChannelKind::mail && !rule.byMail) return {};
    const bool isTasks = event.kind == "run-ended" && !event.value("task").empty();
    if (channel == ChannelKind::taskMail && !isTasks) return {};
    return rule.severity;
}

}  // namespace coffer
