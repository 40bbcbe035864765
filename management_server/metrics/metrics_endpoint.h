#pragma once

#include <functional>
#include <memory>
#include <string>

#include "management_server/http/http_listener.h"
#include "management_server/metrics/metrics_settings.h"

namespace coffer {

/// An HTTP server with one page, /metrics.
class MetricsEndpoint : public HttpListener {
  public:
    using Text = std::function<std::shared_ptr<const std::string>()>;

    /// Listens. `text` is called by many threads; `certificateFile` holds certificate and key (PEM)
    /// for TLS. Throws Error when it cannot listen, or the token's file is not fit.
    MetricsEndpoint(const MetricsSettings& settings, const std::string& certificateFile, Text text);
};

}  // namespace coffer
