#pragma once

#include <optional>
#include <string_view>

#include "management_server/events/event_recorder.h"

namespace coffer {

/// How much an event matters; as syslog has it.
enum class Severity { info, notice, warning, error, critical };
std::string_view nameOf(Severity severity);

/// Inverse of nameOf. Throws Error(invalidArgument).
Severity severityOf(std::string_view name);

enum class ChannelKind { mail, taskMail, webhook, syslog };

/// Whether an event goes to channels of a kind, and how much it matters there; a pure function, by
/// the table in docs/notifications.md. Mail gets what somebody has to do something about, and that
/// it is over; mail of tasks, that runs of them have ended; the others get everything.
std::optional<Severity> severityFor(ChannelKind channel, const RecordedEvent& event);

}  // namespace coffer
