#include "management_panel/client/read_ahead.h"

#include <array>

#include "core/base/queue.h"
#include "core/base/threads.h"

namespace coffer::client {

namespace {

constexpr std::size_t requests = 2;

/// Each thread fetches every second piece into a queue of its own.
class Pieces {
  public:
    Pieces(const Fetch& fetch, const CancelToken& cancel) : fetch_(fetch), cancel_(cancel) {
        for (std::size_t lane = 0; lane < requests; ++lane) {
            threads_.start([this, lane] { run(lane); }, [this] { stop(); });
        }
    }
    ~Pieces() { stop(); }
    Pieces(const Pieces&) = delete;
    Pieces& operator=(const Pieces&) = delete;

    /// Nothing when a fetch has failed; join() tells why.
    std::optional<Bytes> piece(std::uint64_t number) { return lanes_[number % requests].pop(); }

    void stop() {
        for (BoundedQueue<Bytes>& lane : lanes_) lane.cancel();
    }

    void join() { threads_.join(); }

  private:
    void run(std::size_t lane) {
        for (std::uint64_t number = lane;; number += requests) {
            cancel_.check();
            Bytes data = fetch_(number * pieceLength, pieceLength);
            const bool last = data.size() < pieceLength;
            if (!lanes_[lane].push(std::move(data)) || last) return;
        }
    }

    const Fetch& fetch_;
    const CancelToken& cancel_;
    std::array<BoundedQueue<Bytes>, requests> lanes_{BoundedQueue<Bytes>(1),
                                                     BoundedQueue<Bytes>(1)};
    ThreadScope threads_;
};

}  // namespace

void readAhead(const Fetch& fetch, const std::function<void(ByteView)>& take,
               const CancelToken& cancel) {
    Pieces pieces(fetch, cancel);
    for (std::uint64_t number = 0;; ++number) {
        cancel.check();
        const std::optional<Bytes> data = pieces.piece(number);
        if (!data) break;
        take(*data);
        if (data->size() < pieceLength) {
            // What the other thread asked for lies behind the end and does not count.
            pieces.stop();
            return;
        }
    }
    pieces.join();
    throw Error(ErrorCode::internal, "a piece of the file is missing");
}

}  // namespace coffer::client
