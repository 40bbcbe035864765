#pragma once

#include <string>
#include <vector>

#include "core/base/cancel.h"
#include "core/console/json.h"
#include "idl/objects.hh"

namespace coffer::cli {

/// Prints the entries of a folder: sorted by name as long as they are few, in their own order once
/// they are many, so that a folder of any size needs no more memory. Used by one thread.
class Listing {
  public:
    struct Form {
        bool json = false;
        bool details = false;  // as ls -l
    };

    /// Entries up to which they are sorted.
    static constexpr std::size_t sortedUpTo = 10'000;

    /// `folder` is the absolute path of what is listed. The streams outlive it.
    Listing(std::ostream& out, Form form, std::string folder, const CancelToken& cancel);

    /// Throws Error(cancelled), (ioError) for the output.
    void add(const Coffer::Entry& entry);

    /// An entry somewhere below the folder, as it comes; `path` is seen from there.
    void addBelow(const std::string& path, const Coffer::Entry& entry);

    /// To be called at the end.
    void finish();

  private:
    void flush();
    void print(const std::string& path, const Coffer::Entry& entry);

    std::ostream& out_;
    const Form form_;
    const std::string folder_;
    const CancelToken& cancel_;
    JsonArray array_;
    std::vector<Coffer::Entry> waiting_;
    bool streaming_ = false;
};

}  // namespace coffer::cli
