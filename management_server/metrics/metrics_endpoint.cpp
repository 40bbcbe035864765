#include "management_server/metrics/metrics_endpoint.h"

#include <openssl/crypto.h>

#include "core/base/digest.h"
#include "management_server/metrics/exposition.h"
#include "management_server/notify/secret_file.h"

namespace coffer {

namespace {

// Takes as long whatever the word is.
bool isToken(const std::string& word, const std::string& token) {
    const Digest given = sha256(bytesOf(word));
    const Digest wanted = sha256(bytesOf(token));
    return ::CRYPTO_memcmp(given.bytes.data(), wanted.bytes.data(), wanted.bytes.size()) == 0;
}

class MetricsPage {
  public:
    MetricsPage(std::string token, MetricsEndpoint::Text text)
        : token_(std::move(token)), text_(std::move(text)) {}

    HttpAnswer operator()(const HttpRequest& request) const {
        if (!token_.empty() && !isToken(bearerOf(request.authorization), token_)) {
            return {401, "a token is needed\n", "text/plain", {{"WWW-Authenticate", "Bearer"}}};
        }
        if (request.method != "GET" && request.method != "HEAD") return {405, "GET alone\n"};
        if (request.path != "/metrics") return {404, "only /metrics\n"};
        return {200, *text_(), Exposition::contentType};
    }

  private:
    const std::string token_;
    const MetricsEndpoint::Text text_;
};

}  // namespace

MetricsEndpoint::MetricsEndpoint(const MetricsSettings& settings,
                                 const std::string& certificateFile, Text text)
    : HttpListener("metrics", {settings.listen, settings.tls, certificateFile},
                   MetricsPage(settings.tokenFile.empty() ? "" : readSecretFile(settings.tokenFile),
                               std::move(text))) {}

}  // namespace coffer
