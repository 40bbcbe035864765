#pragma once

#include <string>
#include <vector>

#include "core/base/error.h"

namespace coffer {

/// What to do when a part of the state folder is gone. A restore beside the folder would take the
/// repositories over and lock this server out.
inline constexpr const char* restoreAdvice =
    "stop the server, move the whole state folder away, then 'coffer-server restore --repository "
    "FOLDER --kit FILE' into an empty one at its place";

enum class FindingLevel { ok, warning, error };
std::string_view nameOf(FindingLevel level);

/// What a look at one thing has found: printable lines for people.
struct Finding {
    FindingLevel level = FindingLevel::ok;
    std::string subject;   // "certificate of the server"
    std::string text;      // what was found
    std::string advice{};  // what to do; empty when all is well
};
using Findings = std::vector<Finding>;

/// The worst of them; ok of none.
FindingLevel worstOf(const Findings& findings);

/// What `work` finds; what it throws is an error about `subject`, with this advice.
template <class Work>
Finding foundBy(const std::string& subject, const std::string& advice, Work&& work) {
    try {
        return std::forward<Work>(work)();
    } catch (const std::exception& error) {
        return {FindingLevel::error, subject, error.what(), advice};
    }
}

/// Up to ten names, printable.
std::string namesOf(const std::vector<std::string>& names);

/// "3 days", "5 hours", "1 minute": the largest unit that fits, of a time that is not negative.
std::string shownSpan(std::int64_t seconds);

}  // namespace coffer
