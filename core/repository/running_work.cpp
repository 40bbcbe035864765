#include "core/repository/running_work.h"

#include <utility>

#include "core/base/error.h"
#include "core/base/random.h"

namespace coffer {

namespace {
constexpr std::uint32_t comeBackMs = 100;
}

WorkId RunningWork::note(LedgerWork kind, ByteView value) {
    const auto id = randomId<WorkId>();
    if (sharing_) ledger_.noteWork(id, sharing_->program, kind, value);
    return id;
}

void RunningWork::erase(const WorkId& id) noexcept {
    if (!sharing_) return;
    try {
        ledger_.eraseWork(id);
    } catch (const Error&) {
        // It stays until the program opens the repository again, and only puts deletions off.
    }
}

RunningWork::Arrival::Arrival(RunningWork& work, std::string name)
    : work_(work), name_(std::move(name)), id_(randomId<WorkId>()) {
    const auto refuse = [&] {
        throw Error(ErrorCode::busy, name_ + " is arriving already").withRetryAfter(comeBackMs);
    };
    work_.state_.with([&](State& state) {
        if (state.arriving.contains(name_)) refuse();
        state.arriving.insert(name_);
    });
    try {
        if (!noteAlone()) {
            work_.forgetTheDead();
            if (!noteAlone()) refuse();
        }
    } catch (...) {
        forget();
        throw;
    }
}

RunningWork::Arrival::~Arrival() {
    work_.erase(id_);
    forget();
}

bool RunningWork::Arrival::noteAlone() {
    if (!work_.sharing_) return true;
    return work_.ledger_.noteAlone(id_, work_.sharing_->program, LedgerWork::arrival,
                                   bytesOf(name_));
}

void RunningWork::Arrival::forget() {
    work_.state_.with([&](State& state) { state.arriving.erase(state.arriving.find(name_)); });
}

bool RunningWork::isArriving(const std::string& name) const {
    if (state_.with([&](const State& state) { return state.arriving.contains(name); })) return true;
    return sharing_ && ledger_.hasWork(LedgerWork::arrival, bytesOf(name));
}

RunningWork::Pin::Pin(RunningWork& work, const ChunkId& root) : work_(work), root_(root) {
    work_.state_.with([&](State& state) { state.pins.insert(root_); });
    try {
        id_ = work_.note(LedgerWork::pin, root_.view());
    } catch (...) {
        work_.state_.with([&](State& state) { state.pins.erase(state.pins.find(root_)); });
        throw;
    }
}

RunningWork::Pin::~Pin() {
    work_.erase(id_);
    work_.state_.with([&](State& state) { state.pins.erase(state.pins.find(root_)); });
}

std::vector<ChunkId> RunningWork::pinned() const {
    std::vector<ChunkId> roots = state_.with(
        [](const State& state) { return std::vector(state.pins.begin(), state.pins.end()); });
    if (!sharing_) return roots;
    for (const Bytes& root : ledger_.work(LedgerWork::pin)) roots.push_back(ChunkId::from(root));
    return roots;
}

RunningWork::Prune::Prune(RunningWork& work) : work_(work) {
    work_.forgetTheDead();
    const auto refuse = [] {
        throw Error(ErrorCode::busy, "the repository is being pruned already");
    };
    work_.state_.with([&](State& state) {
        if (state.pruning) refuse();
        if (work_.sharing_) {
            lock_ = FileLock::tryTake(Sharing::lockOf(work_.sharing_->folder, "prune"));
            if (!lock_) refuse();
        }
        state.pruning = true;
    });
}

RunningWork::Prune::~Prune() {
    work_.state_.with([](State& state) { state.pruning = false; });
}

void RunningWork::begin(const SessionInfo& session) {
    ledger_.beginSession(session, sharing_ ? sharing_->program : "");
}

void RunningWork::end(const SessionId& session) {
    ledger_.endSession(session);
}

// Who can take a program's lock knows that it does not run, nor begins before the rows are gone.
void RunningWork::forgetTheDead() {
    if (!sharing_) return;
    for (const std::string& program : ledger_.programs()) {
        if (program == sharing_->program) continue;
        if (const auto lock = FileLock::tryTake(Sharing::lockOf(sharing_->folder, program))) {
            ledger_.dropWork(program);
        }
    }
}

}  // namespace coffer
