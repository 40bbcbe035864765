#pragma once

#include "core/source/data_source.h"
#include "core/storage/throttle.h"

namespace coffer {

/// A source whose files are read no faster than a throttle allows; names and attributes are not
/// held up. Safe to share between threads, which share the rate.
class ThrottledSource : public DataSource {
  public:
    /// Both outlive it and what it hands out.
    ThrottledSource(DataSource& inner, Throttle& throttle) : inner_(inner), throttle_(throttle) {}

    std::unique_ptr<Folder> openFolder(const std::string& path) override;

  private:
    DataSource& inner_;
    Throttle& throttle_;
};

}  // namespace coffer
