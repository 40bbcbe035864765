#include "core/rpc/store/agent_list.h"

#include <algorithm>

#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/trust/certificate.h"

namespace coffer::rpc {

namespace {

constexpr std::string_view firstLine = "coffer agents 1\n";
constexpr std::string_view lastLine = "end\n";  // it is whole
constexpr std::size_t fingerprintSize = 2 * sizeof(Digest::bytes);

[[noreturn]] void refuse() {
    throw Error(ErrorCode::corrupt, "is no list of agents");
}

bool isFingerprint(std::string_view text) {
    return text.size() == fingerprintSize && std::ranges::all_of(text, [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

bool isName(std::string_view text) {
    return !text.empty() && text.size() <= longestCommonName &&
           std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) >= ' '; });
}

}  // namespace

std::string encodeAgentList(const AgentList& agents) {
    std::string text(firstLine);
    for (const auto& [fingerprint, name] : agents) text += fingerprint + " " + name + "\n";
    return text.append(lastLine);
}

AgentList decodeAgentList(std::string_view text) {
    if (!text.starts_with(firstLine) || !text.ends_with(lastLine)) refuse();
    text = text.substr(firstLine.size());
    if (text.size() < lastLine.size()) refuse();
    text.remove_suffix(lastLine.size());
    AgentList agents;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        if (end == text.npos || end <= fingerprintSize || text[fingerprintSize] != ' ') refuse();
        const std::string_view fingerprint = text.substr(0, fingerprintSize);
        const std::string_view name = text.substr(fingerprintSize + 1, end - fingerprintSize - 1);
        if (!isFingerprint(fingerprint) || !isName(name)) refuse();
        if (!agents.emplace(fingerprint, name).second) refuse();
        text.remove_prefix(end + 1);
    }
    return agents;
}

}  // namespace coffer::rpc
