#include "core/catalog/catalog_build.h"

#include <algorithm>
#include <optional>
#include <unordered_set>
#include <utility>

#include "core/base/error.h"
#include "core/snapshot/snapshot_catalog.h"
#include "core/snapshot/snapshot_diff.h"
#include "core/snapshot/snapshot_reader.h"

namespace coffer {

namespace {

constexpr std::size_t deadShare = 8;  // of so many snapshots one may be dead

CatalogEntry entryOf(const TreeNode& node) {
    return {node.attributes.type, node.attributes.size, node.attributes.mtime};
}

// It stays as it is until somebody repairs it.
bool isDamage(const Error& error) {
    return error.code() == ErrorCode::corrupt || error.code() == ErrorCode::notFound;
}

}  // namespace

/// The newest snapshots of a source that the catalogue knows.
struct CatalogBuild::Tip {
    std::optional<CatalogSnapshot> whole;
    std::optional<CatalogSnapshot> begun;  // not read whole
};

CatalogBuild::CatalogBuild(Repository& repository, CatalogFile& file, Failures& failures,
                           std::function<void()> check, Unreadable unreadable, unsigned atOnce)
    : repository_(repository),
      file_(file),
      failures_(failures),
      check_(std::move(check)),
      unreadable_(std::move(unreadable)),
      atOnce_(atOnce) {}

void CatalogBuild::run() {
    const std::vector<SnapshotInfo> snapshots = cataloguedSnapshots(repository_);
    for (const SnapshotInfo& info : snapshots) living_.insert(info.registration.id);
    std::unordered_set<SnapshotId, IdHash> read;
    std::size_t dead = 0;
    for (const CatalogSnapshot& known : file_.snapshots()) {
        if (!living_.contains(known.id)) ++dead;
        if (known.whole) read.insert(known.id);
    }
    if (dead > 0 && dead * deadShare >= living_.size()) sweep();
    for (const SnapshotInfo& info : snapshots) {
        check_();
        const SnapshotId& id = info.registration.id;
        if (!read.contains(id) && !failures_.snapshots.contains(id)) tryToAdd(info);
    }
}

void CatalogBuild::tryToAdd(const SnapshotInfo& info) {
    const SnapshotId& id = info.registration.id;
    try {
        add(info);
    } catch (const Error& error) {
        if (error.code() == ErrorCode::cancelled || error.code() == ErrorCode::noSpace) throw;
        checkFileOnce(error);
        isDamage(error) ? doubt(id, error) : unreadable_(id, error);
    }
}

// It may be the catalogue that is damaged, which is no matter of one snapshot.
void CatalogBuild::checkFileOnce(const Error& error) {
    if (error.code() == ErrorCode::corrupt && !std::exchange(fileChecked_, true)) {
        file_.check(check_);
    }
}

void CatalogBuild::doubt(const SnapshotId& id, const Error& error) {
    failures_.snapshots.insert(id);
    if (failures_.doubted.insert(id).second) unreadable_(id, error);
}

void CatalogBuild::sweep() {
    sweepCatalog(file_, living_, check_);
}

CatalogBuild::Tip CatalogBuild::tipOf(std::int64_t source) {
    Tip tip;
    for (const CatalogSnapshot& known : file_.newest(source)) {
        (known.whole ? tip.whole : tip.begun) = known;
    }
    return tip;
}

void CatalogBuild::add(const SnapshotInfo& info) {
    const Snapshot snapshot = loadSnapshot(repository_, info);
    const std::int64_t source =
        file_.sourceOf(CatalogSource::of(snapshot.agent, snapshot.domain, snapshot.paths));
    // What is away is so for all others of the source.
    if (failed_.contains(source)) return;
    try {
        addTo(source, snapshot);
    } catch (const Error& error) {
        (isDamage(error) ? damaged_ : failed_).insert(source);
        throw;
    }
}

void CatalogBuild::addTo(std::int64_t source, const Snapshot& snapshot) {
    for (;;) {
        Tip tip = tipOf(source);
        const bool goneBelow = tip.whole && !living_.contains(tip.whole->id);
        const bool otherBegun = tip.begun && tip.begun->id != snapshot.id;
        if (goneBelow || otherBegun) {
            sweep();
            tip = tipOf(source);
        }
        try {
            const TreeNode before = rootOf(tip.whole);
            // One that is begun in vain costs a sweep.
            if (damaged_.contains(source) || failures_.doubted.contains(snapshot.id)) {
                requireChanges(snapshot, before);
            }
            return readChanges(snapshot, source, file_.begin(source, snapshot.id), before);
        } catch (const Error& error) {
            if (!isDamage(error) || !tip.whole) throw;
            checkFileOnce(error);
            if (!isReadable(snapshot)) throw;
            // Then it is the one before, which leaves the catalogue.
            damaged_.insert(source);
            doubt(tip.whole->id, error);
            living_.erase(tip.whole->id);
        }
    }
}

// Of nothing an empty one.
TreeNode CatalogBuild::rootOf(const std::optional<CatalogSnapshot>& known) {
    if (known) {
        const auto info = repository_.ledger().snapshot(known->id);
        if (!info) throw Error(ErrorCode::busy, "the snapshot before it was just forgotten");
        return loadSnapshot(repository_, *info).root;
    }
    TreeNode root;
    root.attributes.type = EntryType::folder;
    return root;
}

// As readChanges(), but for the changes.
void CatalogBuild::requireChanges(const Snapshot& snapshot, const TreeNode& before) {
    SnapshotReader reader(repository_, snapshot.domain);
    SnapshotDiff diff(reader.chunks(), before, snapshot.root);
    while (diff.next()) check_();
}

bool CatalogBuild::isReadable(const Snapshot& snapshot) {
    SnapshotReader reader(repository_, snapshot.domain);
    try {
        TreeWalk walk(reader.chunks(), snapshot.root);
        while (walk.next()) check_();
        return true;
    } catch (const Error& error) {
        if (!isDamage(error)) throw;
        return false;
    }
}

void CatalogBuild::readChanges(const Snapshot& snapshot, std::int64_t source, std::int64_t number,
                               const TreeNode& before) {
    SnapshotReader reader(repository_, snapshot.domain);
    ChunkSource& chunks = reader.chunks();
    CatalogWriter writer(file_, source, number, atOnce_);
    SnapshotDiff diff(chunks, before, snapshot.root);
    while (diff.next()) {
        check_();
        const std::string path = "/" + diff.path();
        if (diff.change() == Change::removed) {
            writer.remove(path);
        } else {
            writer.put(path, entryOf(diff.node()));
        }
    }
    writer.finish();
}

std::vector<SnapshotInfo> cataloguedSnapshots(Repository& repository) {
    std::vector<SnapshotInfo> snapshots = repository.ledger().snapshots();
    std::erase_if(snapshots, [](const SnapshotInfo& info) { return info.registration.hidden; });
    std::ranges::sort(snapshots, {}, &SnapshotInfo::sequence);
    return snapshots;
}

}  // namespace coffer
