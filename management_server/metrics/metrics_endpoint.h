#pragma once

#include <functional>
#include <memory>
#include <string>

#include "management_server/metrics/metrics_settings.h"

namespace coffer {

/// An HTTP server with one page, /metrics. Four callers at a time, sixteen wait, each has ten
/// seconds. Started and stopped by one thread.
class MetricsEndpoint {
  public:
    using Text = std::function<std::shared_ptr<const std::string>()>;

    /// Listens. `text` is called by many threads; `certificateFile` holds certificate and key (PEM)
    /// for TLS. Throws Error when it cannot listen, or the token's file is not fit.
    MetricsEndpoint(const MetricsSettings& settings, const std::string& certificateFile, Text text);
    ~MetricsEndpoint();
    MetricsEndpoint(const MetricsEndpoint&) = delete;
    MetricsEndpoint& operator=(const MetricsEndpoint&) = delete;

    /// Takes the certificate anew that has been renewed, for connections from now on.
    void reload();

    /// Where it listens, with the port that was taken.
    Endpoint listening() const;

    void stop();

  private:
    struct Served;
    std::unique_ptr<Served> served_;
};

}  // namespace coffer
