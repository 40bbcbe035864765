#include "core/repository/index_segment.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "core/base/error.h"

namespace coffer {

namespace {

constexpr std::size_t bufferEntries = 8192;

// Written in the byte order of the machine, so a file of another machine does not pass.
constexpr std::uint64_t segmentMagic = 0x314e495245464f43;

struct Footer {
    std::uint64_t entries = 0;
    std::uint64_t filterOctets = 0;
    std::array<std::uint8_t, 8> check{};
    std::uint64_t magic = segmentMagic;
};
static_assert(sizeof(Footer) == 32);

template <class T>
ByteView octetsOf(const T& value) {
    return {reinterpret_cast<const std::uint8_t*>(&value), sizeof value};
}

template <class T>
ByteView octetsOf(const std::vector<T>& values) {
    return {reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * sizeof(T)};
}

template <class T>
std::span<std::uint8_t> roomOf(std::span<T> values) {
    return {reinterpret_cast<std::uint8_t*>(values.data()), values.size_bytes()};
}

std::array<std::uint8_t, 8> checkOf(const std::vector<IndexKey>& fences,
                                    const BloomFilter& filter) {
    Sha256 hash;
    hash.update(octetsOf(fences));
    hash.update(filter.octets());
    std::array<std::uint8_t, 8> check;
    std::memcpy(check.data(), hash.finish().bytes.data(), check.size());
    return check;
}

[[noreturn]] void damaged() {
    throw Error(ErrorCode::corrupt, "a segment of the chunk index is damaged");
}

void readAt(DiskReader& file, std::uint64_t offset, std::span<std::uint8_t> into) {
    if (file.read(offset, into) != into.size()) damaged();
}

}  // namespace

IndexSegment::IndexSegment(std::shared_ptr<DiskReader> file, std::uint64_t size,
                           std::uint64_t entries)
    : file_(std::move(file)), entries_(entries) {
    if (entries == 0 || entries > size / sizeof(IndexEntry) || size < sizeof(Footer)) damaged();
    const std::uint64_t pages = (entries + pageEntries - 1) / pageEntries;
    const std::uint64_t fencesAt = entries * sizeof(IndexEntry);
    const std::uint64_t filterAt = fencesAt + pages * sizeof(IndexKey);
    const std::uint64_t footerAt = size - sizeof(Footer);
    Footer footer;
    readAt(*file_, footerAt, roomOf(std::span(&footer, 1)));
    if (footer.magic != segmentMagic || footer.entries != entries || filterAt > footerAt ||
        footer.filterOctets != footerAt - filterAt || footer.filterOctets == 0 ||
        footer.filterOctets % BloomFilter::lineOctets != 0) {
        damaged();
    }
    fences_.resize(static_cast<std::size_t>(pages));
    readAt(*file_, fencesAt, roomOf(std::span(fences_)));
    filter_ = BloomFilter::ofOctets(static_cast<std::size_t>(footer.filterOctets));
    readAt(*file_, filterAt, filter_.octets());
    if (footer.check != checkOf(fences_, filter_) || !std::ranges::is_sorted(fences_)) damaged();
}

std::span<const IndexEntry> IndexSegment::read(std::uint64_t first,
                                               std::span<IndexEntry> into) const {
    const std::uint64_t rest = entries_ - std::min(first, entries_);
    into = into.first(static_cast<std::size_t>(std::min<std::uint64_t>(rest, into.size())));
    readAt(*file_, first * sizeof(IndexEntry), roomOf(into));
    return into;
}

// Keys are spread evenly, so a fence is near the place that its key says; if not, all are searched.
std::size_t IndexSegment::firstFence(const IndexKey& key) const {
    constexpr std::size_t window = 512;
    std::uint64_t top = 0;
    for (int i = 0; i < 4; ++i) top = top << 8 | key.bytes[static_cast<std::size_t>(i)];
    const auto guess = static_cast<std::size_t>(top * fences_.size() >> 32);
    const auto begin =
        fences_.begin() + static_cast<std::ptrdiff_t>(guess - std::min(guess, window));
    const auto end =
        fences_.begin() + static_cast<std::ptrdiff_t>(std::min(guess + window, fences_.size()));
    const bool within =
        (begin == fences_.begin() || begin[-1] < key) && (end == fences_.end() || *end >= key);
    const auto fence = within ? std::lower_bound(begin, end, key)
                              : std::lower_bound(fences_.begin(), fences_.end(), key);
    return static_cast<std::size_t>(fence - fences_.begin());
}

void IndexSegment::Search::find(const IndexKey& key, std::vector<IndexEntry>& found) {
    if (!segment_.filter_.mayContain(key)) return;
    const auto& fences = segment_.fences_;
    // Equal keys may begin on the page before the first that begins with one of them.
    std::size_t number = segment_.firstFence(key);
    if (number > 0) --number;
    for (; number < fences.size() && fences[number] <= key; ++number) {
        const auto entries = page(number);
        auto entry = std::ranges::lower_bound(entries, key, {}, &IndexEntry::key);
        for (; entry != entries.end() && entry->key == key; ++entry) {
            if (entry->isSound()) found.push_back(*entry);
        }
    }
}

std::span<const IndexEntry> IndexSegment::Search::page(std::size_t number) {
    if (entries_.empty() || number != number_) {
        entries_ = {};
        entries_ = segment_.read(std::uint64_t{number} * pageEntries, room_);
        number_ = number;
    }
    return entries_;
}

IndexSegmentWriter::IndexSegmentWriter(std::unique_ptr<DiskWriter> file, std::uint64_t expected)
    : file_(std::move(file)), filter_(expected) {
    buffer_.reserve(bufferEntries);
}

void IndexSegmentWriter::add(const IndexEntry& entry) {
    if (entries_ % IndexSegment::pageEntries == 0) fences_.push_back(entry.key);
    filter_.add(entry.key);
    buffer_.push_back(entry);
    ++entries_;
    if (buffer_.size() == bufferEntries) write();
}

void IndexSegmentWriter::write() {
    file_->write(octetsOf(buffer_));
    buffer_.clear();
}

std::uint64_t IndexSegmentWriter::finish() {
    write();
    Footer footer;
    footer.entries = entries_;
    footer.filterOctets = std::as_const(filter_).octets().size();
    footer.check = checkOf(fences_, filter_);
    file_->write(octetsOf(fences_));
    file_->write(std::as_const(filter_).octets());
    file_->write(octetsOf(footer));
    file_->sync();
    return entries_;
}

}  // namespace coffer
