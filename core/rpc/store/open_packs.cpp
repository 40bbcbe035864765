#include "core/rpc/store/open_packs.h"

#include "core/base/error.h"

namespace coffer::rpc {

namespace {
constexpr std::uint32_t comeBackSoon = 50;      // milliseconds: a call is under way
constexpr std::uint32_t comeBackLater = 1'000;  // until a pack is finished
}  // namespace

/// One call's hold on a pack, alone. Ends with the pack dropped, unless keep() was called.
class OpenPacks::Turn {
  public:
    Turn(OpenPacks& all, const PackId& id) : all_(all), id_(id) {
        pack_ = all.state_.with([&](State& state) -> Pack* {
            const auto found = state.packs.find(id);
            if (found == state.packs.end()) return nullptr;
            if (found->second.taken) {
                throw Error(ErrorCode::busy, "the same pack is being written to")
                    .withRetryAfter(comeBackSoon);
            }
            found->second.taken = true;
            return &found->second;
        });
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

    ~Turn() {
        if (!pack_) return;
        // Outside of the lock: it unlinks a file.
        const std::unique_ptr<WriteSession::Upload> dropped =
            all_.state_.with([&](State& state) -> std::unique_ptr<WriteSession::Upload> {
                pack_->taken = false;
                if (kept_) return nullptr;
                auto upload = std::move(pack_->upload);
                state.packs.erase(id_);
                return upload;
            });
    }

    explicit operator bool() const { return pack_ != nullptr; }
    WriteSession::Upload& upload() { return *pack_->upload; }
    void keep() { kept_ = true; }

  private:
    OpenPacks& all_;
    const PackId id_;
    Pack* pack_;  // stays where it is in the map
    bool kept_ = false;
};

PackId OpenPacks::open() {
    auto upload = session_.receivePack();
    const PackId id = upload->id();
    state_.with([&](State& state) {
        if (state.packs.size() >= most_) {
            auto oldest = state.packs.end();
            for (auto at = state.packs.begin(); at != state.packs.end(); ++at) {
                if (at->second.taken || at->second.upload->size() > 0) continue;
                if (oldest == state.packs.end() || at->second.order < oldest->second.order) {
                    oldest = at;
                }
            }
            if (oldest == state.packs.end()) {
                throw Error(ErrorCode::limitExceeded, "too many packs are open")
                    .withRetryAfter(comeBackLater);
            }
            state.packs.erase(oldest);
        }
        state.packs.emplace(id, Pack{std::move(upload), state.opened++});
    });
    return id;
}

void OpenPacks::append(const PackId& pack, std::uint64_t offset, ByteView slice) {
    Turn turn(*this, pack);
    if (!turn) throw Error(ErrorCode::notFound, "pack " + pack.hex() + " is not open");
    WriteSession::Upload& upload = turn.upload();
    const std::uint64_t size = upload.size();
    if (offset == size) {
        upload.append(slice);
        turn.keep();
        return;
    }
    turn.keep();
    if (offset > size || slice.size() > size - offset || !upload.holds(offset, slice)) {
        throw Error(ErrorCode::conflict, "pack " + pack.hex() + ": a slice at " +
                                             std::to_string(offset) +
                                             " neither follows nor repeats what is there");
    }
}

bool OpenPacks::finish(const PackRegistration& registration) {
    Turn turn(*this, registration.pack);
    if (!turn) return false;
    turn.upload().finish(registration);
    return true;
}

}  // namespace coffer::rpc
