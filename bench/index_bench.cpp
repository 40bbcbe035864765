// Fills a chunk index with made-up chunks, looks them up, and prints what that took as JSON:
//     index-bench FOLDER CHUNKS
// The folder must not exist; it is left behind.
#include <algorithm>
#include <chrono>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iostream>
#include <limits>
#include <string>

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/repository/segment_index.h"

namespace coffer {
namespace {

constexpr std::uint64_t chunksPerPack = 5000;
constexpr std::size_t batch = 128;  // as a backup asks
constexpr std::uint64_t lookups = 1'000'000;
constexpr std::uint64_t lastPart = 1'000'000;

// SplitMix64 (Steele, Lea, Flood, 2014): number n of a sequence that never repeats.
std::uint64_t mixed(std::uint64_t n) {
    n += 0x9e3779b97f4a7c15;
    n = (n ^ (n >> 30)) * 0xbf58476d1ce4e5b9;
    n = (n ^ (n >> 27)) * 0x94d049bb133111eb;
    return n ^ (n >> 31);
}

template <class IdType>
IdType numbered(std::uint64_t n) {
    IdType id;
    for (std::size_t word = 0; word < id.bytes.size() / 8; ++word) {
        const std::uint64_t value = mixed(4 * n + word);
        std::memcpy(id.bytes.data() + 8 * word, &value, sizeof value);
    }
    return id;
}

PackId packOf(std::uint64_t chunk) {
    return numbered<PackId>(std::numeric_limits<std::uint32_t>::max() + chunk / chunksPerPack);
}

PackDirectory directoryOf(std::uint64_t first, std::uint64_t count) {
    PackDirectory directory;
    directory.blocks.resize(1);
    for (std::uint64_t i = 0; i < count; ++i) {
        directory.blocks[0].chunks.push_back({numbered<ChunkId>(first + i), 1, {}});
    }
    return directory;
}

/// Seconds by the clock and by the processor.
struct Time {
    double wall = 0;
    double cpu = 0;

    Time& operator+=(const Time& other) {
        wall += other.wall;
        cpu += other.cpu;
        return *this;
    }
};

/// Runs `work` and gives the time it took.
template <class Work>
Time timed(Work&& work) {
    const auto start = std::chrono::steady_clock::now();
    const std::clock_t cpu = std::clock();
    work();
    return {std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(),
            static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC};
}

void keepRate(nlohmann::json& figures, const std::string& what, std::uint64_t count,
              const Time& time) {
    figures[what + " per second"] = static_cast<double>(count) / time.wall;
    figures[what + " per CPU second"] = static_cast<double>(count) / time.cpu;
}

/// A number of a file in /proc/self, behind `name`.
double fromProc(const std::string& file, const std::string& name) {
    std::ifstream stream("/proc/self/" + file);
    for (std::string word; stream >> word;) {
        if (word != name) continue;
        double value = 0;
        stream >> value;
        return value;
    }
    return 0;
}

void insert(SegmentIndex& index, std::uint64_t chunks, nlohmann::json& figures) {
    Time all;
    Time last;
    double slowest = 0;
    for (std::uint64_t first = 0; first < chunks; first += chunksPerPack) {
        const std::uint64_t count = std::min(chunksPerPack, chunks - first);
        const PackDirectory directory = directoryOf(first, count);
        const Time took =
            timed([&] { index.add(packOf(first), directory, first / chunksPerPack + 1); });
        all += took;
        slowest = std::max(slowest, took.wall);
        if (first + lastPart >= chunks) last += took;
    }
    keepRate(figures, "inserts", chunks, all);
    keepRate(figures, "last million inserts", std::min(chunks, lastPart), last);
    figures["slowest pack"] = slowest;
}

/// Looks chunks up in batches; the numbers begin at `offset`, beyond the last they are unknown.
Time lookUp(SegmentIndex& index, std::uint64_t chunks, std::uint64_t offset) {
    Time all;
    for (std::uint64_t done = 0; done < lookups; done += batch) {
        std::vector<std::uint64_t> numbers;
        std::vector<ChunkId> ids;
        for (std::size_t i = 0; i < batch; ++i) {
            numbers.push_back(offset + mixed(done + i) % chunks);
            ids.push_back(numbered<ChunkId>(numbers.back()));
        }
        std::vector<std::vector<ChunkLocation>> places;
        all += timed([&] { places = index.find(ids); });
        for (std::size_t i = 0; i < batch; ++i) {
            const bool known = numbers[i] < chunks;
            if (places[i].size() != (known ? 1U : 0U) ||
                (known && (places[i][0].pack != packOf(numbers[i]) ||
                           places[i][0].slot != numbers[i] % chunksPerPack))) {
                throw Error(ErrorCode::internal, "the index gave a wrong answer");
            }
        }
    }
    return all;
}

nlohmann::json measure(const std::string& folder, std::uint64_t chunks) {
    const auto disk = makeSystemDisk();
    const std::string path = disk->canonical(folder);
    const auto repository = numbered<RepositoryId>(std::numeric_limits<std::uint64_t>::max() / 8);
    nlohmann::json figures{{"chunks", chunks}};
    {
        SegmentIndex index(*disk, path, repository);
        const double before = fromProc("io", "wchar:");
        insert(index, chunks, figures);
        figures["octets written"] = fromProc("io", "wchar:") - before;
    }
    double size = 0;
    for (const DiskEntry& entry : disk->list(path)) size += static_cast<double>(entry.size);
    figures["octets"] = size;
    figures["files"] = disk->list(path).size();
    figures["write amplification"] = figures["octets written"].get<double>() /
                                     (static_cast<double>(chunks) * sizeof(IndexEntry));
    std::optional<SegmentIndex> index;
    figures["opening"] = timed([&] { index.emplace(*disk, path, repository); }).wall;
    if (index->chunkCount() != chunks) throw Error(ErrorCode::internal, "chunks are missing");
    keepRate(figures, "hits", lookups, lookUp(*index, chunks, 0));
    keepRate(figures, "misses", lookups, lookUp(*index, chunks, chunks));
    figures["peak memory"] = fromProc("status", "VmHWM:") * 1024;
    return figures;
}

}  // namespace
}  // namespace coffer

int main(int argc, char** argv) {
    if (argc != 3) {
        std::cerr << "usage: index-bench FOLDER CHUNKS\n";
        return 2;
    }
    try {
        const std::uint64_t chunks = std::stoull(argv[2]);
        if (chunks == 0) throw std::invalid_argument("no chunks");
        std::cout << coffer::measure(argv[1], chunks).dump() << "\n";
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "index-bench: " << error.what() << "\n";
        return 1;
    }
}
