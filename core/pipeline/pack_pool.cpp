#include "core/pipeline/pack_pool.h"

namespace coffer {

void PackPool::add(BlockContent block, const Compressor::Packed& packed) {
    auto pack = idle_.with([](auto& idle) -> std::unique_ptr<PackWriter> {
        if (idle.empty()) return nullptr;
        auto taken = std::move(idle.back());
        idle.pop_back();
        return taken;
    });
    if (!pack) pack = std::make_unique<PackWriter>(keys_, store_.openPack());
    pack->add(std::move(block), packed);
    if (pack->full()) {
        finish(*pack);
        return;
    }
    idle_.with([&](auto& idle) { idle.push_back(std::move(pack)); });
}

void PackPool::finish() {
    auto packs = idle_.with([](auto& idle) { return std::exchange(idle, {}); });
    for (const auto& pack : packs) {
        if (!pack->empty()) finish(*pack);
    }
}

void PackPool::finish(PackWriter& pack) {
    pack.finish();
    stored_ += pack.size();
    registered_(pack.directory());
}

}  // namespace coffer
