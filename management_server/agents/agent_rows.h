#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/repository/sqlite.h"
#include "management_server/agents/agent_registry.h"

namespace coffer {

// Agents and their certificates in server.db. Within ServerDatabase::change or read.

std::optional<AgentRecord> readAgent(SqlDatabase& database, const std::string& name);
std::vector<AgentRecord> readAgents(SqlDatabase& database);  // by name

/// Name of the agent that has this id, also of a revoked one.
std::optional<std::string> agentOfId(SqlDatabase& database, const AgentId& id);

/// Puts it in the place of a revoked agent of that name.
void writeAgent(SqlDatabase& database, const AgentRecord& agent);
void writeFacts(SqlDatabase& database, const std::string& name, const rpc::SettingMap& facts);
void writeLastSeen(SqlDatabase& database, const std::string& name, Timestamp time);

void writeSuspended(SqlDatabase& database, const std::string& name, bool suspended);
void writeLabels(SqlDatabase& database, const std::string& name, const rpc::SettingMap& labels);

/// Marks it and forgets its certificates. Throws Error(notFound).
void writeRevoked(SqlDatabase& database, const std::string& name, Timestamp time);

/// Enters a certificate of an agent; only the 16 that end last are kept.
void writeCertificate(SqlDatabase& database, const std::string& agent,
                      const CertificateFacts& certificate);

/// Gives an agent, with its certificates and tokens, another name. Throws Error(notFound),
/// (conflict) for one that is revoked, (alreadyExists) when an agent has or had the name, or a
/// token waits for one.
void renameAgent(SqlDatabase& database, const std::string& name, const std::string& fresh);
std::vector<std::string> fingerprintsOf(SqlDatabase& database, const std::string& agent);

/// Forgets those that have ended, and names the agents that had some.
std::vector<std::string> dropEndedCertificates(SqlDatabase& database, Timestamp now);

}  // namespace coffer
