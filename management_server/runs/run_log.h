#pragma once

#include <functional>

#include "idl/events.hh"
#include "management_server/access/session_table.h"
#include "management_server/runs/runs.h"

namespace coffer {

/// Servant of all RunLog objects; the default servant of the POA "logs".
class RunLog : public POA_Coffer::RunLog {
  public:
    /// Gives the log of a run that the book knows nothing of, or throws Error(notFound).
    using Kept = std::function<RunLogPage(std::int64_t run, const RunLogFilter& filter,
                                          std::uint64_t after, std::uint32_t atMost)>;

    /// Both outlive it.
    RunLog(SessionTable& sessions, Runs& runs, Kept kept)
        : sessions_(sessions), runs_(runs), kept_(std::move(kept)) {}

    Coffer::LogPage* entries(CORBA::LongLong run, const Coffer::LogFilter& filter,
                             CORBA::ULongLong after, CORBA::ULong atMost) override;

  private:
    RunLogPage find(std::int64_t run, const RunLogFilter& filter, std::uint64_t after,
                    std::uint32_t atMost) const;

    SessionTable& sessions_;
    Runs& runs_;
    const Kept kept_;
};

}  // namespace coffer
