// Fills a catalogue with made-up snapshots, asks it, and prints what that took as JSON:
//     catalog-bench FILE FILES SNAPSHOTS
// Of each snapshot 0.1 to 1 % of the files differ from the one before: most have changed, some are
// gone, as many are new. The file must not exist; it is left behind.
#include <algorithm>
#include <chrono>
#include <ctime>
#include <fstream>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/catalog/catalog_query.h"
#include "core/catalog/catalog_sweep.h"
#include "core/catalog/catalog_writer.h"

namespace coffer {
namespace {

constexpr unsigned filesInFolder = 12;
constexpr unsigned foldersInFolder = 30;
constexpr unsigned questions = 50;

/// Seconds by the clock and by the processor.
struct Time {
    double wall = 0;
    double cpu = 0;
};

Time now() {
    const auto wall = std::chrono::steady_clock::now().time_since_epoch();
    return {std::chrono::duration<double>(wall).count(),
            static_cast<double>(std::clock()) / CLOCKS_PER_SEC};
}

Time since(const Time& begin) {
    const Time end = now();
    return {end.wall - begin.wall, end.cpu - begin.cpu};
}

/// A source of made-up files, in folders of a dozen, three levels deep.
class Source {
  public:
    Source(std::uint32_t files, std::uint32_t seed) : random_(seed), ids_(files) {
        for (std::uint32_t i = 0; i < files; ++i) ids_[i] = i;
        next_ = files;
    }

    static std::string folderOf(std::uint32_t place) {
        const std::uint32_t folder = place / filesInFolder;
        const std::uint32_t above = folder / foldersInFolder;
        return "/home/user" + std::to_string(above / foldersInFolder) + "/project" +
               std::to_string(above) + "/part" + std::to_string(folder);
    }

    std::string pathAt(std::uint32_t place) const {
        static constexpr const char* endings[] = {".docx", ".cpp", ".h", ".jpg", ".txt", ".o"};
        const std::uint32_t id = ids_[place];
        // Every tenth name stands in many folders.
        const std::string name = id % 10 == 0 ? "Makefile" + std::to_string(id % 1'000)
                                              : "document-" + std::to_string(id);
        return folderOf(place) + "/" + name + endings[id % 6];
    }

    void putAll(CatalogWriter& writer) {
        std::string last;
        for (std::uint32_t i = 0; i < ids_.size(); ++i) {
            if (const std::string folder = folderOf(i); folder != last) {
                writer.put(folder, {EntryType::folder, 0, {1'700'000'000, 0}});
                last = folder;
            }
            writer.put(pathAt(i), fileOf(1));
        }
    }

    std::uint64_t putChanges(CatalogWriter& writer, std::uint32_t round) {
        const auto files = static_cast<std::uint32_t>(ids_.size());
        const std::uint64_t changes = files / 1'000 * (1 + random_() % 10);
        for (std::uint64_t i = 0; i < changes; ++i) {
            const std::uint32_t place = static_cast<std::uint32_t>(random_()) % files;
            if (random_() % 10 == 0) {
                writer.remove(pathAt(place));
                ids_[place] = next_++;
            }
            writer.put(pathAt(place), fileOf(round));
        }
        return changes;
    }

    std::string anyPath() { return pathAt(static_cast<std::uint32_t>(random_() % ids_.size())); }

  private:
    CatalogEntry fileOf(std::uint32_t round) {
        return {
            EntryType::file, random_() % 100'000, {1'700'000'000 + round * 86'400, 123'456'789}};
    }

    std::mt19937 random_;
    std::vector<std::uint32_t> ids_;  // which file is at each place
    std::uint32_t next_ = 0;
};

class Bench {
  public:
    Bench(const std::string& path, std::uint32_t files, std::uint32_t snapshots)
        : path_(path), snapshots_(snapshots), source_(files, 1) {}

    nlohmann::json run() {
        fill();
        ask();
        sweep();
        result_["octets"] = octetsOf(path_);
        result_["peak memory"] = peakMemory();
        return result_;
    }

  private:
    void fill() {
        CatalogFile file(path_, repository_);
        const std::int64_t source =
            file.sourceOf(CatalogSource::of(randomId<AgentId>(), randomId<DomainId>(), {"/home"}));
        std::uint64_t changes = 0;
        Time begin = now();
        for (std::uint32_t i = 0; i < snapshots_; ++i) {
            ids_.push_back(randomId<SnapshotId>());
            CatalogWriter writer(file, source, file.begin(source, ids_.back()));
            if (i == 0) {
                source_.putAll(writer);
            } else {
                changes += source_.putChanges(writer, i);
            }
            writer.finish();
            if (i > 0) continue;
            note("first snapshot", since(begin));
            result_["octets of the first"] = octetsOf(path_);
            begin = now();
        }
        note("other snapshots", since(begin));
        result_["changes"] = changes;
    }

    void ask() {
        std::vector<std::string> names;
        std::vector<std::string> paths;
        std::vector<std::string> prefixes;
        for (unsigned i = 0; i < questions; ++i) {
            paths.push_back(source_.anyPath());
            names.push_back(source_.anyPath());
            names.back().erase(0, names.back().rfind('/') + 1);
            prefixes.push_back(source_.anyPath());
            prefixes.back().erase(0, prefixes.back().rfind('/') + 1);
            prefixes.back().erase(prefixes.back().size() -
                                  std::min<std::size_t>(7, prefixes.back().size()));
            prefixes.back() += '*';
        }
        measure("path", paths);
        measure("name", names);
        measure("prefix", prefixes);
        measure("glob", {"*.docx", "*7*.cpp", "document-?????.h"});
        measure("glob that finds nothing", {"*.nothing", "*x?z*"});
        measure("name in whatever case", {"DOCUMENT-4711.JPG", "makefile10.docx"}, true);
    }

    // Up to the first page of 1,000, with all that a server does for a question but for the rights.
    void measure(const std::string& what, const std::vector<std::string>& patterns,
                 bool ignoreCase = false) {
        std::vector<double> times;
        double cpu = 0;
        std::size_t found = 0;
        for (const std::string& pattern : patterns) {
            const Time begin = now();
            CatalogFile file(path_, repository_);
            CatalogSearch search({.pattern = pattern, .ignoreCase = ignoreCase}, view(file));
            const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(2);
            found += search.next(file, 1'000, until).hits.size();
            const Time took = since(begin);
            times.push_back(took.wall);
            cpu += took.cpu;
        }
        std::ranges::sort(times);
        result_["questions"][what] = {{"median ms", 1e3 * times[times.size() / 2]},
                                      {"most ms", 1e3 * times.back()},
                                      {"cpu", cpu / static_cast<double>(times.size())},
                                      {"found", found}};
    }

    static CatalogView view(CatalogFile& file) {
        CatalogView view;
        for (const CatalogSnapshot& snapshot : file.snapshots()) {
            view[snapshot.source].push_back({snapshot.number, snapshot.id, {}});
        }
        return view;
    }

    // As after a retention that has thinned out the older half.
    void sweep() {
        LivingSnapshots living;
        for (std::size_t i = 0; i < ids_.size(); ++i) {
            if (i > ids_.size() / 2 || i % 4 == 0) living.insert(ids_[i]);
        }
        CatalogFile file(path_, repository_);
        const Time begin = now();
        sweepCatalog(file, living, [] {});
        note("sweep", since(begin));
    }

    void note(const std::string& what, const Time& time) {
        result_[what] = {{"wall", time.wall}, {"cpu", time.cpu}};
    }

    static std::uint64_t octetsOf(const std::string& path) {
        std::ifstream file(path, std::ios::binary | std::ios::ate);
        return static_cast<std::uint64_t>(file.tellg());
    }

    static std::uint64_t peakMemory() {
        std::ifstream status("/proc/self/status");
        std::string word;
        while (status >> word) {
            std::uint64_t kib = 0;
            if (word == "VmHWM:" && status >> kib) return kib * 1024;
        }
        return 0;
    }

    const std::string path_;
    const std::uint32_t snapshots_;
    const RepositoryId repository_ = randomId<RepositoryId>();
    Source source_;
    std::vector<SnapshotId> ids_;
    nlohmann::json result_;
};

}  // namespace
}  // namespace coffer

int main(int count, char** words) {
    if (count != 4) {
        std::cerr << "usage: catalog-bench FILE FILES SNAPSHOTS\n";
        return 2;
    }
    try {
        const auto files = static_cast<std::uint32_t>(std::stoul(words[2]));
        const auto snapshots = static_cast<std::uint32_t>(std::stoul(words[3]));
        std::cout << coffer::Bench(words[1], files, snapshots).run().dump(2) << '\n';
    } catch (const std::exception& error) {
        std::cerr << "catalog-bench: " << error.what() << '\n';
        return 1;
    }
}
