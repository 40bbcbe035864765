// Opening and looking up; changes are in segment_index_changes.cpp.
#include "core/repository/segment_index.h"

#include <algorithm>
#include <numeric>

#include "core/base/error.h"

namespace coffer {

namespace {

constexpr int loadAttempts = 20;

Bytes readWhole(DiskReader& file, std::uint64_t size) {
    if (size > IndexCatalog::sizeLimit) throw Error(ErrorCode::corrupt, "too large a catalog");
    Bytes data(static_cast<std::size_t>(size));
    data.resize(file.read(0, data));
    return data;
}

std::vector<std::size_t> ascending(std::span<const ChunkId> ids) {
    std::vector<std::size_t> order(ids.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [&](std::size_t i) -> const ChunkId& { return ids[i]; });
    return order;
}

bool isDamage(const Error& error) {
    return error.code() == ErrorCode::corrupt || error.code() == ErrorCode::notFound;
}

}  // namespace

SegmentIndex::SegmentIndex(Disk& disk, const std::string& folder, const RepositoryId& repository,
                           const Limits& limits)
    : disk_(disk), folder_(folder), repository_(repository), limits_(limits), view_(load()) {}

SegmentIndex::SegmentIndex(Disk& disk, const std::string& folder, const RepositoryId& repository)
    : SegmentIndex(disk, folder, repository, Limits{}) {}

std::string SegmentIndex::pathOf(std::string_view name) const {
    return folder_ + "/" + std::string(name);
}

// Another process may publish a new catalog, and remove what the old one names, at any moment.
SegmentIndex::View SegmentIndex::load() const {
    for (int attempt = 0; attempt < loadAttempts; ++attempt) {
        std::shared_ptr<DiskReader> file;
        try {
            file = disk_.open(pathOf(IndexCatalog::fileName));
            return loadOnce(file);
        } catch (const Error& error) {
            if (!isDamage(error)) throw;
            if (!file || file->named()) break;
        }
    }
    View empty;
    empty.catalog.repository = repository_;
    return empty;
}

SegmentIndex::View SegmentIndex::loadOnce(std::shared_ptr<DiskReader> file) const {
    const auto status = disk_.stat(pathOf(IndexCatalog::fileName));
    View view;
    view.catalog = IndexCatalog::decode(readWhole(*file, status ? status->size : 0));
    if (view.catalog.repository != repository_) {
        throw Error(ErrorCode::corrupt, "the chunk index is of another repository");
    }
    for (const IndexCatalog::Segment& segment : view.catalog.segments) {
        const std::string path = pathOf(IndexCatalog::segmentName(segment.name));
        auto opened = disk_.open(path);
        const auto there = disk_.stat(path);
        view.segments.push_back(std::make_shared<const IndexSegment>(
            std::move(opened), there ? there->size : 0, segment.entries));
    }
    for (std::uint32_t number = 0; number < view.catalog.packs.size(); ++number) {
        const IndexCatalog::Pack& pack = view.catalog.packs[number];
        if (pack.id.isZero()) continue;
        view.numbers.emplace(pack.id, number);
        view.chunks += pack.chunks;
    }
    readLogs(view);
    view.file = std::move(file);
    return view;
}

void SegmentIndex::readLogs(View& view) const {
    struct Log {
        std::shared_ptr<DiskReader> file;
        std::uint64_t size;
        std::uint64_t before;
    };
    std::vector<Log> logs;
    while (logs.size() <= limits_.logs) {
        const std::string path = pathOf(view.catalog.logName(logs.size()));
        const auto status = disk_.stat(path);
        if (!status) break;
        auto file = disk_.open(path);
        const auto before = readLogHead(*file);
        if (!before) break;
        logs.push_back({std::move(file), status->size, *before});
    }
    for (std::size_t i = 0; i < logs.size(); ++i) {
        const bool last = i + 1 == logs.size();
        const std::uint64_t end = last ? logs[i].size : std::min(logs[i].size, logs[i + 1].before);
        view.logs.push_back(readLog(*logs[i].file, end,
                                    [&](IndexChange change) { view.apply(std::move(change)); }));
        view.lastLogSize = logs[i].size;
        // What follows a gap would claim a generation without all that belongs to it.
        if (!last && view.logs.back() != logs[i + 1].before) break;
    }
}

void SegmentIndex::View::apply(IndexChange change) {
    catalog.generation = change.generation;
    const auto known = numbers.find(change.pack);
    if (change.kind == IndexChange::Kind::add && known == numbers.end()) {
        const auto number = static_cast<std::uint32_t>(catalog.packs.size());
        const auto count = static_cast<std::uint32_t>(change.entries.size());
        catalog.packs.push_back({change.pack, count});
        numbers.emplace(change.pack, number);
        chunks += count;
        for (IndexEntry& entry : change.entries) {
            entry.pack = number;
            entry.seal();
        }
        tail.add(std::move(change.entries));
    }
    if (change.kind == IndexChange::Kind::remove && known != numbers.end()) {
        IndexCatalog::Pack& pack = catalog.packs[known->second];
        chunks -= pack.chunks;
        pack = {};
        numbers.erase(known);
    }
}

void SegmentIndex::View::replaceBy(View fresh) {
    fresh.numbering = numbering + 1;
    *this = std::move(fresh);
}

std::vector<std::vector<ChunkLocation>> SegmentIndex::find(std::span<const ChunkId> ids) {
    std::vector<std::vector<ChunkLocation>> found(ids.size());
    if (findOnce(ids, found) || !refresh()) return found;
    found.assign(ids.size(), {});
    findOnce(ids, found);
    return found;
}

// False when an id was not found.
bool SegmentIndex::findOnce(std::span<const ChunkId> ids,
                            std::vector<std::vector<ChunkLocation>>& found) {
    std::optional<bool> all;
    while (!all) all = tryToFind(ids, found);
    return *all;
}

// Nothing when packs were numbered anew meanwhile.
std::optional<bool> SegmentIndex::tryToFind(std::span<const ChunkId> ids,
                                            std::vector<std::vector<ChunkLocation>>& found) {
    std::vector<std::vector<IndexEntry>> entries(ids.size());
    std::uint64_t numbering = 0;
    const std::vector<SegmentPointer> segments = view_.with([&](View& view) {
        numbering = view.numbering;
        for (std::size_t i = 0; i < ids.size(); ++i) view.tail.find(keyOf(ids[i]), entries[i]);
        return view.segments;
    });
    const std::vector<std::size_t> order = ascending(ids);
    for (const SegmentPointer& segment : segments) {
        IndexSegment::Search search(*segment);
        for (const std::size_t i : order) search.find(keyOf(ids[i]), entries[i]);
    }
    return view_.with([&](View& view) -> std::optional<bool> {
        if (view.numbering != numbering) return {};
        bool all = true;
        for (std::size_t i = 0; i < ids.size(); ++i) {
            std::ranges::sort(entries[i]);  // by pack: the key is the same
            for (const IndexEntry& entry : entries[i]) {
                if (entry.pack >= view.catalog.packs.size()) continue;
                const PackId& pack = view.catalog.packs[entry.pack].id;
                if (!pack.isZero()) found[i].push_back({pack, entry.block, entry.slot});
            }
            all = all && !found[i].empty();
        }
        return all;
    });
}

// True when another process has changed the index and its changes were taken in.
bool SegmentIndex::refresh() {
    return view_.with([&](View& view) {
        if (view.mine || !changed(view)) return false;
        view.replaceBy(load());
        return true;
    });
}

bool SegmentIndex::changed(const View& view) const {
    if (!view.file) return disk_.stat(pathOf(IndexCatalog::fileName)).has_value();
    if (!view.file->named()) return true;
    if (disk_.stat(pathOf(view.catalog.logName(view.logs.size())))) return true;
    if (view.logs.empty()) return false;
    const auto last = disk_.stat(pathOf(view.catalog.logName(view.logs.size() - 1)));
    return !last || last->size != view.lastLogSize;
}

std::uint64_t SegmentIndex::chunkCount() {
    return view_.with([](View& view) { return view.chunks; });
}

std::uint64_t SegmentIndex::generation() {
    return view_.with([](View& view) { return view.catalog.generation; });
}

}  // namespace coffer
