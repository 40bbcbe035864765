#pragma once

#include <string>

#include "core/base/cancel.h"
#include "core/base/unique_fd.h"

namespace coffer {

/// A folder that holds what is not to last, "rehearsal-" and 32 digits below a given one: removed
/// with everything in it when this ends, or by the next program when this one is killed. Used by
/// one thread.
class RehearsalFolder {
  public:
    /// Makes it, and its parents where they are missing; only its owner may enter. Removes before
    /// what programs left that are no more.
    explicit RehearsalFolder(const std::string& parent);
    ~RehearsalFolder();
    RehearsalFolder(const RehearsalFolder&) = delete;
    RehearsalFolder& operator=(const RehearsalFolder&) = delete;

    const std::string& path() const { return path_; }

    /// Removes what programs left below `parent` that are no more. What cannot be removed stays.
    static void clear(const std::string& parent);

  private:
    const std::string parent_;
    const std::string name_;
    const std::string path_;
    UniqueFd lock_;  // of the folder, held while this lives
};

}  // namespace coffer
