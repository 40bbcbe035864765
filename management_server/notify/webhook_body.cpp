#include "management_server/notify/webhook_body.h"

#include "core/base/bytes.h"
#include "core/codec/hmac.h"
#include "core/console/json.h"

namespace coffer {

std::string webhookBody(const Notification& news, const std::string& panelUrl) {
    const RecordedEvent& event = news.event;
    Json body{{"number", event.number},
              {"time", toIso8601(event.time)},
              {"severity", nameOf(news.severity)}};
    putOctets(body, "kind", event.kind);
    putOctets(body, "subject", event.subject);
    putOctets(body, "text", event.text);
    Json more = Json::object();
    for (const auto& [name, value] : event.more) putOctets(more, name, value);
    body["more"] = std::move(more);
    if (!panelUrl.empty()) putOctets(body, "panel", panelUrl);
    return body.dump();
}

std::string webhookSignature(std::string_view secret, std::int64_t timestamp,
                             std::string_view body) {
    const std::string text = std::to_string(timestamp) + "." + std::string(body);
    return "sha256=" + hmacSha256(bytesOf(secret), bytesOf(text)).hex();
}

}  // namespace coffer
