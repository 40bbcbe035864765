#include "core/pipeline/pack_pool.h"

namespace coffer {

void PackPool::add(BlockContent block, const Compressor::Packed& packed) {
    std::unique_ptr<PackWriter> pack = take();
    if (!pack) pack = std::make_unique<PackWriter>(keys_, store_.openPack());
    pack->add(std::move(block), packed);
    if (pack->full()) {
        finish(*pack);
        return;
    }
    idle_.with([&](auto& idle) { idle.push_back(std::move(pack)); });
}

void PackPool::finish() {
    while (finishOne()) continue;
}

bool PackPool::finishOne() {
    const std::unique_ptr<PackWriter> pack = take();
    if (!pack) return false;
    if (!pack->empty()) finish(*pack);
    return true;
}

std::unique_ptr<PackWriter> PackPool::take() {
    return idle_.with([](auto& idle) -> std::unique_ptr<PackWriter> {
        if (idle.empty()) return nullptr;
        auto taken = std::move(idle.back());
        idle.pop_back();
        return taken;
    });
}

void PackPool::finish(PackWriter& pack) {
    pack.finish();
    stored_ += pack.size();
    registered_(pack.directory());
}

}  // namespace coffer
