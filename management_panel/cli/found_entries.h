#pragma once

#include <ostream>
#include <string>

#include "core/console/json.h"
#include "idl/management.hh"

namespace coffer::cli {

/// Prints findings as they come; those of one path that follow each other are one entry with its
/// states. Used by one thread.
class FoundEntries {
  public:
    FoundEntries(std::ostream& out, bool json) : out_(out), json_(json), array_(out) {}

    void add(const Coffer::Finding& finding);
    void add(const Coffer::CatalogVersion& version);

    /// To be called at the end.
    void finish();

  private:
    void open(const std::string& path, const std::string& name);
    void close();

    std::ostream& out_;
    const bool json_;
    JsonArray array_;
    bool any_ = false;
    std::string path_;               // of the entry that is open
    Json versions_ = Json::array();  // of it
};

}  // namespace coffer::cli
