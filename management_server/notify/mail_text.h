#pragma once

#include <optional>
#include <span>
#include <string>

#include "management_server/notify/channel.h"
#include "management_server/status/status_keeper.h"

namespace coffer {

/// What a mail says: a subject of one line, and plain text, both UTF-8.
struct MailText {
    std::string subject;
    std::string body;
};

/// One mail about some events, at least one.
MailText mailAbout(std::span<const Notification> news, const std::string& panelUrl);

/// The daily mail: how every source stands, the worst first, and what nothing covers.
MailText digestOf(const StatusReport& report, const std::string& panelUrl);

/// The day, counted from 1970 in local time, whose digest is due: today's from its minute on, else
/// yesterday's. `offset` is what local time is ahead of UTC, in seconds.
std::int64_t digestDay(Timestamp now, std::int64_t offset, int minute);

}  // namespace coffer
