#include "core/catalog/catalog_sweep.h"

#include <algorithm>
#include <limits>
#include <string>
#include <unordered_map>

namespace coffer {

namespace {

constexpr std::int64_t rowsAtOnce = 8'192;

/// Numbers of the living snapshots of a source, ascending.
using Numbers = std::vector<std::int64_t>;

struct Row {
    std::int64_t path = 0;
    std::int64_t source = 0;
    std::int64_t first = 0;
    std::int64_t last = 0;
};

class Sweep {
  public:
    Sweep(CatalogFile& file, const LivingSnapshots& living, const std::function<void()>& check)
        : database_(file.database()), check_(check) {
        for (const CatalogSnapshot& snapshot : file.snapshots()) {
            if (snapshot.whole && living.contains(snapshot.id)) {
                living_[snapshot.source].push_back(snapshot.number);
            } else {
                dead_.push_back(snapshot);
            }
        }
    }

    void run() {
        if (dead_.empty()) return;
        Row after{-1, 0, 0, 0};
        while (sweepRows(after)) check_();
        for (std::int64_t below = std::numeric_limits<std::int64_t>::max(); dropPaths(below);) {
            check_();
        }
        for (std::int64_t below = std::numeric_limits<std::int64_t>::max(); dropNames(below);) {
            check_();
        }
        forgetDead();
    }

  private:
    // False at the end.
    bool sweepRows(Row& after) {
        SqlTransaction transaction(database_);
        SqlStatement next = database_.prepare(
            "SELECT path, source, first, last FROM versions WHERE (path, source, first) > (?, ?, ?)"
            " ORDER BY path, source, first LIMIT ?");
        next.bind(1, after.path).bind(2, after.source).bind(3, after.first).bind(4, rowsAtOnce);
        std::vector<Row> rows;
        while (next.step()) {
            rows.push_back({next.integer(0), next.integer(1), next.integer(2), next.integer(3)});
        }
        next.reset();
        if (rows.empty()) return false;
        SqlStatement drop =
            database_.prepare("DELETE FROM versions WHERE path = ? AND source = ? AND first = ?");
        SqlStatement reopen = database_.prepare(
            "UPDATE versions SET last = 0 WHERE path = ? AND source = ? AND first = ?");
        for (const Row& row : rows) {
            const auto numbers = living_.find(row.source);
            if (numbers == living_.end() || !isIn(row, numbers->second)) {
                drop.bind(1, row.path).bind(2, row.source).bind(3, row.first).run();
            } else if (row.last >= numbers->second.back()) {
                reopen.bind(1, row.path).bind(2, row.source).bind(3, row.first).run();
            }
        }
        transaction.commit();
        after = rows.back();
        return true;
    }

    static bool isIn(const Row& row, const Numbers& numbers) {
        const auto holder = std::ranges::lower_bound(numbers, row.first);
        return holder != numbers.end() && (row.last == 0 || *holder <= row.last);
    }

    // From the highest number down, so that what is in a folder goes before it.
    bool dropPaths(std::int64_t& below) {
        return dropUnused(below, "paths",
                          "NOT EXISTS(SELECT 1 FROM versions WHERE path = paths.id) AND "
                          "NOT EXISTS(SELECT 1 FROM paths child WHERE child.parent = paths.id)");
    }

    bool dropNames(std::int64_t& below) {
        return dropUnused(below, "names", "NOT EXISTS(SELECT 1 FROM paths WHERE name = names.id)");
    }

    bool dropUnused(std::int64_t& below, const std::string& table, const std::string& unused) {
        SqlTransaction transaction(database_);
        SqlStatement edge = database_.prepare("SELECT min(id) FROM (SELECT id FROM " + table +
                                              " WHERE id < ? ORDER BY id DESC LIMIT ?)");
        const std::int64_t from =
            edge.bind(1, below).bind(2, rowsAtOnce).step() ? edge.integer(0) : 0;
        edge.reset();
        if (from == 0) return false;
        // One after the other: a folder's last entry may go in the same transaction.
        SqlStatement next = database_.prepare("SELECT id FROM " + table +
                                              " WHERE id >= ? AND id < ? ORDER BY id DESC");
        next.bind(1, from).bind(2, below);
        std::vector<std::int64_t> ids;
        while (next.step()) ids.push_back(next.integer(0));
        next.reset();
        SqlStatement drop =
            database_.prepare("DELETE FROM " + table + " WHERE id = ? AND " + unused);
        for (const std::int64_t id : ids) drop.bind(1, id).run();
        transaction.commit();
        below = from;
        return true;
    }

    void forgetDead() {
        SqlTransaction transaction(database_);
        SqlStatement drop =
            database_.prepare("DELETE FROM snapshots WHERE source = ? AND number = ?");
        for (const CatalogSnapshot& snapshot : dead_) {
            drop.bind(1, snapshot.source).bind(2, snapshot.number).run();
        }
        transaction.commit();
    }

    SqlDatabase& database_;
    const std::function<void()>& check_;
    std::unordered_map<std::int64_t, Numbers> living_;
    std::vector<CatalogSnapshot> dead_;
};

}  // namespace

void sweepCatalog(CatalogFile& file, const LivingSnapshots& living,
                  const std::function<void()>& check) {
    Sweep(file, living, check).run();
}

}  // namespace coffer
