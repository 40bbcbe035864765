#pragma once

#include <string>

#include "management_server/notify/channel.h"

namespace coffer {

/// One message of RFC 5424 without its end: facility daemon, the kind of the event as MSGID, its
/// text. `host` is made to fit.
std::string syslogLine(const Notification& news, const std::string& host);

/// The same as programs of this computer tell syslogd and journald at /dev/log: "<27>coffer-server:
/// …", without time and host, which the receiver knows.
std::string localSyslogLine(const Notification& news);

}  // namespace coffer
