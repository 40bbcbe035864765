#pragma once

#include <map>
#include <string>
#include <string_view>

namespace coffer::rpc {

/// The certificates that agents may use at the moment: names of agents by fingerprint
/// (CertificateFacts::fingerprint). A store that runs beside its server has it as a file
/// (docs/store-server.md).
using AgentList = std::map<std::string, std::string>;

std::string encodeAgentList(const AgentList& agents);

/// Throws Error(corrupt) for whatever encodeAgentList does not write.
AgentList decodeAgentList(std::string_view text);

}  // namespace coffer::rpc
