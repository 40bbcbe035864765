#pragma once

#include "core/repository/ledger.h"
#include "core/rpc/convert.h"

namespace coffer {

/// What RepositoryInfo tells of when a repository was read: "proven-percent" and "proven-bytes" (of
/// what is stored, within the last `days`), "longest-unread" (UTC; none before the first reading),
/// "unread-packs" (never read whole), "read-days" (0: they are not read by themselves).
rpc::SettingMap proofFacts(const Ledger& ledger, const Clock& clock, unsigned days);

}  // namespace coffer
