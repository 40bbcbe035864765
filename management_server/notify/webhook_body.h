#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "management_server/notify/channel.h"

namespace coffer {

/// The JSON document that a webhook gets (docs/notifications.md).
std::string webhookBody(const Notification& news, const std::string& panelUrl);

/// "sha256=" and HMAC-SHA-256 (RFC 2104) of "TIMESTAMP.BODY" in hexadecimal: the value of
/// X-Coffer-Signature, with the seconds of X-Coffer-Timestamp.
std::string webhookSignature(std::string_view secret, std::int64_t timestamp,
                             std::string_view body);

}  // namespace coffer
