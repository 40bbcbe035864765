#pragma once

#include <string>

#include "core/base/cancel.h"
#include "core/console/reporter.h"
#include "core/rpc/convert.h"
#include "idl/management.hh"
#include "management_panel/cli/found_entries.h"

namespace coffer::cli {

/// A question to the catalogue of a repository.
struct CatalogQuestion {
    std::string repository;
    std::string pattern;
    std::string below = "/";
    rpc::SettingMap options;  // of FileCatalog::find
};

/// Asks a catalogue and prints what it finds. Gives how far the catalogue has come. Throws Error as
/// FileCatalog::find, (cancelled).
Coffer::CatalogState printAnswers(Coffer::FileCatalog_ptr catalog, const CatalogQuestion& question,
                                  FoundEntries& entries, const CancelToken& cancel);

/// Says on standard error that so many snapshots are not in the answer. Gives the exit code.
int warnOfUnread(const Coffer::CatalogState& state, CORBA::ULong unread,
                 const OutputOptions& options);

}  // namespace coffer::cli
