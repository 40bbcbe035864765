#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "management_server/database/server_database.h"

namespace coffer {

// The table `notify_state` of server.db: a number for each name; how far each channel is, and which
// day's digest has been sent.

std::optional<std::int64_t> readNotifyState(ServerDatabase& database, const std::string& name);
void writeNotifyState(ServerDatabase& database, const std::string& name, std::int64_t number);

}  // namespace coffer
