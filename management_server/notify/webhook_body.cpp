#include "management_server/notify/webhook_body.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "core/base/bytes.h"
#include "core/base/error.h"
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
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> octets{};
    unsigned length = 0;
    if (!::HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), bytesOf(text).data(),
                text.size(), octets.data(), &length)) {
        throw Error(ErrorCode::internal, "HMAC-SHA-256 failed");
    }
    return "sha256=" + toHex(ByteView(octets).first(length));
}

}  // namespace coffer
