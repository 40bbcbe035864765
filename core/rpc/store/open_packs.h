#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include "core/base/guarded.h"
#include "core/repository/write_session.h"

namespace coffer::rpc {

/// The packs of one backup that are being received. Every call may be repeated, also while the
/// first one is still under way: then Error(busy) asks to come back. Safe to share; no lock is held
/// while octets are written.
class OpenPacks {
  public:
    /// `session` outlives it. At most `most` packs are open at a time.
    OpenPacks(WriteSession& session, std::size_t most) : session_(session), most_(most) {}

    /// When there are too many, the oldest that nothing was sent to makes room: the answer that
    /// named it was lost. Throws Error(limitExceeded) when there is none.
    PackId open();

    /// Throws Error(notFound) for a pack that is not open, (conflict) when the slice neither
    /// follows nor repeats what is there. A pack that could not be written to is dropped.
    void append(const PackId& pack, std::uint64_t offset, ByteView slice);

    /// Registers a pack. False when it is not open (any more). One that is refused is dropped.
    bool finish(const PackRegistration& registration);

  private:
    struct Pack {
        std::unique_ptr<WriteSession::Upload> upload;
        std::uint64_t order = 0;
        bool taken = false;  // by a call that is under way
    };
    struct State {
        std::map<PackId, Pack> packs;
        std::uint64_t opened = 0;
    };
    class Turn;

    WriteSession& session_;
    const std::size_t most_;
    Guarded<State> state_;
};

}  // namespace coffer::rpc
