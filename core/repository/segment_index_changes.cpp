// Changing the index: the log, and the segments that logs become.
#include <algorithm>
#include <cstring>
#include <queue>
#include <set>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/repository/segment_index.h"

namespace coffer {

namespace {

std::uint64_t randomNumber() {
    std::uint64_t number;
    const auto id = randomId<Id<sizeof number, struct IndexNameTag>>();
    std::memcpy(&number, id.bytes.data(), sizeof number);
    return number;
}

std::vector<IndexEntry> entriesOf(const PackDirectory& directory) {
    std::vector<IndexEntry> entries;
    for (std::uint32_t block = 0; block < directory.blocks.size(); ++block) {
        const auto& chunks = directory.blocks[block].chunks;
        for (std::uint32_t slot = 0; slot < chunks.size(); ++slot) {
            entries.push_back({keyOf(chunks[slot].id), 0, block, slot});
        }
    }
    std::ranges::sort(entries);
    const auto sameKey = [](const IndexEntry& a, const IndexEntry& b) { return a.key == b.key; };
    entries.erase(std::unique(entries.begin(), entries.end(), sameKey), entries.end());
    return entries;
}

/// Reads a segment, or the tail, from front to back.
class Cursor {
  public:
    explicit Cursor(const IndexSegment& segment) : segment_(&segment), buffer_(bufferEntries) {
        fill();
    }
    explicit Cursor(const std::vector<IndexEntry>& entries) : rest_(entries) {}

    bool atEnd() const { return rest_.empty(); }
    const IndexEntry& entry() const { return rest_.front(); }
    void next() {
        rest_ = rest_.subspan(1);
        if (rest_.empty() && segment_) fill();
    }

  private:
    static constexpr std::size_t bufferEntries = 8192;

    void fill() {
        rest_ = segment_->read(at_, buffer_);
        at_ += rest_.size();
    }

    const IndexSegment* segment_ = nullptr;
    std::vector<IndexEntry> buffer_;
    std::uint64_t at_ = 0;
    std::span<const IndexEntry> rest_;
};

/// Hands on the entries of all cursors in ascending order. Throws Error(corrupt) when they are not.
template <class Each>
void mergeSorted(std::vector<Cursor> cursors, Each&& each) {
    const auto later = [&](std::size_t a, std::size_t b) {
        return cursors[b].entry() < cursors[a].entry();
    };
    std::priority_queue<std::size_t, std::vector<std::size_t>, decltype(later)> queue(later);
    for (std::size_t i = 0; i < cursors.size(); ++i) {
        if (!cursors[i].atEnd()) queue.push(i);
    }
    std::optional<IndexEntry> before;
    while (!queue.empty()) {
        const std::size_t i = queue.top();
        queue.pop();
        const IndexEntry entry = cursors[i].entry();
        if (!entry.isSound() || (before && *before >= entry)) {
            throw Error(ErrorCode::corrupt, "a segment of the chunk index is damaged");
        }
        each(entry);
        before = entry;
        cursors[i].next();
        if (!cursors[i].atEnd()) queue.push(i);
    }
}

}  // namespace

void SegmentIndex::add(const PackId& pack, const PackDirectory& directory,
                       std::uint64_t generation) {
    const bool known = view_.with([&](View& view) { return view.numbers.contains(pack); });
    if (known) return setGeneration(generation);
    change({IndexChange::Kind::add, generation, pack, entriesOf(directory)});
}

void SegmentIndex::remove(const PackId& pack, std::uint64_t generation) {
    const bool known = view_.with([&](View& view) { return view.numbers.contains(pack); });
    if (!known) return setGeneration(generation);
    change({IndexChange::Kind::remove, generation, pack});
}

void SegmentIndex::setGeneration(std::uint64_t generation) {
    if (this->generation() == generation) return;
    change({IndexChange::Kind::generation, generation});
}

void SegmentIndex::change(IndexChange change) {
    writer_.with([&](Writer& writer) {
        takeOver(writer);
        append(writer, change);
        view_.with([&](View& view) { view.apply(std::move(change)); });
        settle(writer);
    });
}

void SegmentIndex::clear() {
    writer_.with([&](Writer& writer) {
        takeOver(writer);
        View empty;
        empty.catalog.repository = repository_;
        empty.catalog.epoch = randomNumber();
        empty.mine = true;
        publish(empty.catalog);
        writer.log.reset();
        view_.with([&](View& view) { view.replaceBy(std::move(empty)); });
        removeStrays();
    });
}

void SegmentIndex::reload() {
    writer_.with([&](Writer& writer) {
        writer = {};
        view_.with([&](View& view) { view.replaceBy(load()); });
    });
}

// Before the first change: what a crash has left is removed, what does not check is begun anew.
void SegmentIndex::takeOver(Writer& writer) {
    if (writer.ready) return;
    refresh();
    if (disk_.makeFolder(folder_)) disk_.syncFolder(parentOf(folder_));
    const bool empty = view_.with([](View& view) { return !view.file; });
    if (empty) {
        IndexCatalog catalog;
        catalog.repository = repository_;
        catalog.epoch = randomNumber();
        publish(catalog);
        view_.with([&](View& view) { view.catalog = catalog; });
    }
    view_.with([](View& view) { view.mine = true; });
    writer.ready = true;
    removeStrays();
}

void SegmentIndex::append(Writer& writer, const IndexChange& change) {
    if (!writer.log) {
        const auto [name, before] = view_.with([](View& view) {
            return std::pair(view.catalog.logName(view.logs.size()),
                             view.logs.empty() ? 0 : view.logs.back());
        });
        writer.log.emplace(createFresh(pathOf(name)), before);
        view_.with([&](View& view) { view.logs.push_back(writer.log->size()); });
    }
    try {
        writer.log->append(change);
    } catch (...) {
        writer.log.reset();  // the next change begins another
        throw;
    }
    view_.with([&](View& view) { view.logs.back() = writer.log->size(); });
}

// Turns the logs into a segment when they have grown enough.
void SegmentIndex::settle(Writer& writer) {
    std::optional<Merge> merge = planMerge();
    if (!merge) return;
    std::shared_ptr<IndexSegment> segment;
    try {
        const std::uint64_t name = randomNumber();
        const std::string path = pathOf(IndexCatalog::segmentName(name));
        if (const std::uint64_t entries = writeSegment(*merge, path)) {
            disk_.syncFolder(folder_);
            segment =
                std::make_shared<IndexSegment>(disk_.open(path), disk_.stat(path)->size, entries);
            merge->catalog.segments.push_back({name, entries});
            merge->kept.push_back(segment);
        }
    } catch (const Error& error) {
        // Without a catalog the index counts as empty, so it is built anew when next opened.
        if (error.code() == ErrorCode::corrupt) disk_.unlink(pathOf(IndexCatalog::fileName));
        throw;
    }
    publish(merge->catalog);
    writer.log.reset();
    view_.with([&](View& view) {
        view.catalog.epoch = merge->catalog.epoch;
        view.catalog.segments = std::move(merge->catalog.segments);
        view.segments = std::move(merge->kept);
        view.tail = {};
        view.logs.clear();
    });
    removeStrays();
}

std::optional<SegmentIndex::Merge> SegmentIndex::planMerge() {
    return view_.with([&](View& view) -> std::optional<Merge> {
        std::uint64_t octets = 0;
        for (const std::uint64_t size : view.logs) octets += size;
        std::uint64_t entries = view.tail.size();
        for (const SegmentPointer& segment : view.segments) entries += segment->entries();
        // Entries of removed packs are not more than those alive, or than fit a tail.
        const bool all =
            entries - view.chunks > std::max<std::uint64_t>(view.chunks, limits_.tailEntries);
        if (!all && view.tail.size() < limits_.tailEntries && octets < limits_.logOctets &&
            view.logs.size() < limits_.logs) {
            return {};
        }
        const std::size_t first = firstToMerge(view, all);
        Merge merge;
        merge.catalog = view.catalog;
        merge.catalog.epoch = randomNumber();
        merge.catalog.segments.resize(first);
        const auto middle = view.segments.begin() + static_cast<std::ptrdiff_t>(first);
        merge.kept.assign(view.segments.begin(), middle);
        merge.merged.assign(middle, view.segments.end());
        merge.tail = view.tail.sorted();
        return merge;
    });
}

// Segments become smaller from front to back, by size classes that grow by the fan-out. A class
// that would be full with the new segment goes into it.
std::size_t SegmentIndex::firstToMerge(const View& view, bool all) const {
    if (all) return 0;
    const auto& segments = view.segments;
    std::uint64_t total = view.tail.size();
    std::size_t first = segments.size();
    while (true) {
        std::uint64_t classEnd = limits_.tailEntries * limits_.fanout;
        while (classEnd <= total) classEnd *= limits_.fanout;
        std::size_t begin = first;
        std::uint64_t sum = total;
        while (begin > 0 && segments[begin - 1]->entries() < classEnd) {
            sum += segments[--begin]->entries();
        }
        if (first - begin + 1 < limits_.fanout) return first;
        first = begin;
        total = sum;
    }
}

std::uint64_t SegmentIndex::writeSegment(const Merge& merge, const std::string& path) {
    std::vector<Cursor> cursors;
    std::uint64_t expected = merge.tail.size();
    cursors.emplace_back(merge.tail);
    for (const SegmentPointer& segment : merge.merged) {
        cursors.emplace_back(*segment);
        expected += segment->entries();
    }
    if (expected == 0) return 0;
    const auto& packs = merge.catalog.packs;
    IndexSegmentWriter writer(createFresh(path), expected);
    mergeSorted(std::move(cursors), [&](const IndexEntry& entry) {
        if (entry.pack >= packs.size()) {
            throw Error(ErrorCode::corrupt, "a segment of the chunk index names an unknown pack");
        }
        if (!packs[entry.pack].id.isZero()) writer.add(entry);
    });
    return writer.finish();
}

void SegmentIndex::publish(const IndexCatalog& catalog) {
    replaceFile(disk_, pathOf(IndexCatalog::fileName), catalog.encode());
}

// A failure may have left something of the name.
std::unique_ptr<DiskWriter> SegmentIndex::createFresh(const std::string& path) {
    removeIfThere(disk_, path);
    return disk_.create(path);
}

// Removes what the catalog does not name. What cannot be removed costs room until the next time.
void SegmentIndex::removeStrays() {
    const std::set<std::string> known = view_.with([](View& view) {
        std::set<std::string> names{std::string(IndexCatalog::fileName)};
        for (std::size_t i = 0; i < view.logs.size(); ++i) names.insert(view.catalog.logName(i));
        for (const auto& segment : view.catalog.segments) {
            names.insert(IndexCatalog::segmentName(segment.name));
        }
        return names;
    });
    for (const DiskEntry& entry : disk_.list(folder_)) {
        if (entry.kind != DiskKind::file || known.contains(entry.name)) continue;
        try {
            disk_.unlink(pathOf(entry.name));
        } catch (const Error&) {
        }
    }
}

}  // namespace coffer
