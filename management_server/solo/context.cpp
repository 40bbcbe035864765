#include "management_server/solo/context.h"

#include "core/base/printable.h"

namespace coffer::solo {

namespace {

std::string quoted(const std::string& word) {
    constexpr const char* plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+:@%=,";
    const std::string text = printable(word);
    return text.find_first_not_of(plain) == std::string::npos ? text : "'" + text + "'";
}

}  // namespace

std::string commandStart(const GlobalOptions& options) {
    std::string text = "coffer-solo --repo " + quoted(options.repository);
    if (!options.state.empty()) text += " --state " + quoted(options.state);
    return text + ' ';
}

}  // namespace coffer::solo
