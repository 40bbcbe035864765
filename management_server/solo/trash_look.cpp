#include "management_server/solo/trash_look.h"

#include <charconv>

#include "core/base/error.h"
#include "core/trust/private_file.h"
#include "management_server/repositories/steady_time.h"

namespace coffer::solo {

namespace {

// What nobody can read is as good as none.
std::optional<std::int64_t> lastLook(const std::string& file) {
    try {
        const std::string text = readTextFile(file);
        std::int64_t seconds = 0;
        const char* const end = text.data() + text.size();
        const auto [behind, problem] = std::from_chars(text.data(), end, seconds);
        if (problem == std::errc{} && behind == end) return seconds;
    } catch (const Error&) {
        // There was none.
    }
    return {};
}

}  // namespace

std::optional<Timestamp> lookIntoTrash(const std::string& file, Timestamp now) {
    const auto last = lastLook(file);
    const bool before = last && *last <= now.seconds;
    if (before && now.seconds - *last < SteadyTime::longEnough) return {};
    try {
        writePrivateFile(file, std::to_string(now.seconds));
    } catch (const Error&) {
        return {};  // the disk may be full, and the verb a prune
    }
    return before ? std::optional(Timestamp{*last, 0}) : std::nullopt;
}

}  // namespace coffer::solo
