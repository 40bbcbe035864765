#include "management_panel/client/read_ahead.h"

#include <deque>
#include <optional>

#include "core/base/queue.h"
#include "core/base/threads.h"
#include "core/rpc/convert.h"

namespace coffer::client {

namespace {

/// Each thread fetches every so many-th piece into a queue of its own.
class Pieces {
  public:
    Pieces(const Fetch& fetch, const CancelToken& cancel, unsigned requests)
        : fetch_(fetch), cancel_(cancel) {
        for (unsigned lane = 0; lane < requests; ++lane) lanes_.emplace_back(1);
        for (unsigned lane = 0; lane < requests; ++lane) {
            threads_.start([this, lane] { run(lane); }, [this] { stop(); });
        }
    }
    ~Pieces() { stop(); }
    Pieces(const Pieces&) = delete;
    Pieces& operator=(const Pieces&) = delete;

    /// Nothing when a fetch has failed; join() tells why.
    std::optional<Piece> piece(std::uint64_t number) {
        return lanes_[number % lanes_.size()].pop();
    }

    void stop() {
        for (BoundedQueue<Piece>& lane : lanes_) lane.cancel();
    }

    void join() { threads_.join(); }

  private:
    void run(unsigned lane) {
        for (std::uint64_t number = lane;; number += lanes_.size()) {
            cancel_.check();
            Piece data = fetch_(number * pieceLength, pieceLength);
            const bool last = data->length() < pieceLength;
            if (!lanes_[lane].push(std::move(data)) || last) return;
        }
    }

    const Fetch& fetch_;
    const CancelToken& cancel_;
    std::deque<BoundedQueue<Piece>> lanes_;
    ThreadScope threads_;
};

}  // namespace

void readAhead(const Fetch& fetch, const std::function<void(ByteView)>& take,
               const CancelToken& cancel, unsigned requests) {
    Pieces pieces(fetch, cancel, requests);
    for (std::uint64_t number = 0;; ++number) {
        cancel.check();
        const std::optional<Piece> data = pieces.piece(number);
        if (!data) break;
        take(rpc::viewOf(**data));
        if ((*data)->length() < pieceLength) {
            // What other threads asked for lies behind the end and does not count.
            pieces.stop();
            return;
        }
    }
    pieces.join();
    throw Error(ErrorCode::internal, "a piece of the file is missing");
}

}  // namespace coffer::client
