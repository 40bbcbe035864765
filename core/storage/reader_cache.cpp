#include "core/storage/reader_cache.h"

#include <algorithm>

namespace coffer {

namespace {
constexpr std::size_t capacity = 16;
}

std::shared_ptr<DiskReader> ReaderCache::open(const std::string& path) {
    if (std::shared_ptr<DiskReader> reader = find(path)) {
        if (reader->named()) return reader;
        forget(path);
    }
    std::shared_ptr<DiskReader> reader = disk_.open(path);
    entries_.with([&](std::list<Entry>& entries) {
        entries.emplace_front(path, reader);
        if (entries.size() > capacity) entries.pop_back();
    });
    return reader;
}

void ReaderCache::forget(const std::string& path) {
    entries_.with([&](std::list<Entry>& entries) {
        entries.remove_if([&](const Entry& entry) { return entry.first == path; });
    });
}

// Few entries: a walk over them costs less than the read that follows.
std::shared_ptr<DiskReader> ReaderCache::find(const std::string& path) {
    return entries_.with([&](std::list<Entry>& entries) -> std::shared_ptr<DiskReader> {
        const auto found = std::find_if(entries.begin(), entries.end(),
                                        [&](const Entry& entry) { return entry.first == path; });
        if (found == entries.end()) return nullptr;
        entries.splice(entries.begin(), entries, found);
        return found->second;
    });
}

}  // namespace coffer
