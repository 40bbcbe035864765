#pragma once

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <set>
#include <string>

#include "core/base/random.h"
#include "core/catalog/catalog_query.h"
#include "core/catalog/catalog_sweep.h"
#include "core/catalog/catalog_writer.h"
#include "tests/support/expect_error.h"
#include "tests/support/scratch_folder.h"

namespace coffer {

/// What a source holds at one time.
using State = std::map<std::string, CatalogEntry>;

/// What a catalogue says of one snapshot.
using Told = std::map<std::string, CatalogEntry>;

/// A catalogue in a folder of its own.
class CatalogFixture : public testing::Test {
  protected:
    std::string path() const { return scratch_ / "catalog.db"; }

    CatalogFile& file() {
        if (!file_) file_.emplace(path(), repository_);
        return *file_;
    }
    void close() { file_.reset(); }

    std::int64_t source(const std::string& name) {
        return file().sourceOf(CatalogSource::of(agent_, domain_, {name}));
    }

    /// Enters the differences between two states as those of a snapshot; with `atMost`, it is cut
    /// behind so many.
    void enter(std::int64_t source, const SnapshotId& id, const State& before, const State& after,
               std::optional<unsigned> atMost = {}) {
        // What was entered before it is cut stays.
        CatalogWriter writer(file(), source, file().begin(source, id), atMost ? 1 : 4'096);
        unsigned done = 0;
        const auto isOver = [&] { return atMost && done++ >= *atMost; };
        for (const auto& [where, entry] : after) {
            const auto old = before.find(where);
            if (old != before.end() && old->second == entry) continue;
            if (isOver()) return;
            writer.put(where, entry);
        }
        for (const auto& [where, entry] : before) {
            if (after.contains(where)) continue;
            if (isOver()) return;
            writer.remove(where);
        }
        if (!atMost) writer.finish();
    }

    /// All whole snapshots, or those of `shown`.
    CatalogView view(const LivingSnapshots* shown = nullptr) {
        CatalogView view;
        for (const CatalogSnapshot& snapshot : file().snapshots()) {
            if (!snapshot.whole || (shown && !shown->contains(snapshot.id))) continue;
            view[snapshot.source].push_back({snapshot.number, snapshot.id, {}});
        }
        return view;
    }

    std::vector<CatalogHit> find(const CatalogQuery& query, std::size_t page = 1'000) {
        search_.emplace(query, view());
        std::vector<CatalogHit> all;
        for (bool more = true; more;) {
            const CatalogSearch::Page found =
                search_->next(file(), page, std::chrono::steady_clock::time_point::max());
            all.insert(all.end(), found.hits.begin(), found.hits.end());
            more = found.more;
        }
        return all;
    }

    std::set<std::string> pathsOf(const CatalogQuery& query, std::size_t page = 1'000) {
        std::set<std::string> paths;
        for (const CatalogHit& hit : find(query, page)) paths.insert(hit.path);
        return paths;
    }

    /// All that it knows, snapshot by snapshot. Two states of an entry in one are a failure.
    std::map<SnapshotId, Told> tellAll() {
        std::map<SnapshotId, Told> told;
        for (const CatalogHit& hit : find({.pattern = "*"})) {
            for (const CatalogHolder& holder : hit.holders) {
                EXPECT_TRUE(told[holder.id].emplace(hit.path, hit.entry).second) << hit.path;
            }
        }
        return told;
    }

    static SnapshotId anId() { return randomId<SnapshotId>(); }

    ScratchFolder scratch_;
    RepositoryId repository_ = randomId<RepositoryId>();
    AgentId agent_ = randomId<AgentId>();
    DomainId domain_ = randomId<DomainId>();
    std::optional<CatalogFile> file_;
    std::optional<CatalogSearch> search_;
};

inline CatalogEntry aFile(std::uint64_t size) {
    return {EntryType::file, size, {1'700'000'000 + static_cast<std::int64_t>(size), 5}};
}
inline CatalogEntry aFolder() {
    return {EntryType::folder, 0, {1'700'000'000, 0}};
}

}  // namespace coffer
