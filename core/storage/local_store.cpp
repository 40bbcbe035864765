#include "core/storage/local_store.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/random.h"
#include "core/storage/object_name.h"

namespace coffer {

namespace {

using TemporaryId = Id<16, struct TemporaryTag>;

std::string step(std::string_view verb, std::string_view name) {
    return std::string(verb) + " object " + std::string(name);
}

// Ascending order of whole names: a folder sorts by its name with the '/' that follows it there.
void sortAsNames(std::vector<DiskEntry>& entries) {
    for (DiskEntry& entry : entries) {
        if (entry.kind == DiskKind::folder) entry.name += '/';
    }
    std::ranges::sort(entries, {}, &DiskEntry::name);
}

}  // namespace

/// A file in the temporary folder; gone with this object unless it was moved to its place.
class LocalStore::TemporaryFile {
  public:
    explicit TemporaryFile(LocalStore& store)
        : disk_(store.disk_),
          path_(store.temporary_ + "/" + store.mine_ + randomId<TemporaryId>().hex()) {
        store.ensureFolder(store.temporary_);
        writer_ = disk_.create(path_);
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;

    ~TemporaryFile() {
        if (!writer_) return;
        writer_.reset();
        try {
            disk_.unlink(path_);
        } catch (...) {
            // What is left is removed by clearTemporary().
        }
    }

    void write(ByteView data) { writer_->write(data); }
    std::size_t read(std::uint64_t offset, std::span<std::uint8_t> out) {
        return disk_.open(path_)->read(offset, out);
    }
    void sync() { writer_->sync(); }

    void moveTo(const std::string& path, bool replace) {
        if (replace) {
            disk_.rename(path_, path);
        } else {
            disk_.publish(path_, path);
        }
        writer_.reset();
    }

  private:
    Disk& disk_;
    const std::string path_;
    std::unique_ptr<DiskWriter> writer_;
};

class LocalStore::Writer : public ObjectWriter {
  public:
    Writer(LocalStore& store, std::string_view name)
        : store_(store), name_(name), path_(store.pathOf(name)), file_(std::in_place, store) {}

    void append(ByteView data) override {
        attempt("write", [&] { file_->write(data); });
    }

    void readBack(std::uint64_t offset, std::span<std::uint8_t> out) override {
        if (!file_) throw Error(ErrorCode::internal, "writer of " + name_ + " used after its end");
        during(step("read", name_), [&] {
            if (file_->read(offset, out) < out.size()) {
                throw Error(ErrorCode::corrupt, "it ends too early");
            }
        });
    }

    void commit() override {
        attempt("commit", [&] { store_.publishDurably(*file_, path_, false); });
        file_.reset();
    }

  private:
    // After a failed sync nobody knows what is on the disk: the file is given up at once.
    template <class Work>
    void attempt(std::string_view verb, Work&& work) {
        if (!file_) throw Error(ErrorCode::internal, "writer of " + name_ + " used after its end");
        try {
            during(step(verb, name_), work);
        } catch (...) {
            file_.reset();
            throw;
        }
    }

    LocalStore& store_;
    const std::string name_;
    const std::string path_;
    std::optional<TemporaryFile> file_;  // nothing after commit or a failure
};

LocalStore::LocalStore(Disk& disk, const std::string& root, const std::string& program)
    : disk_(disk),
      root_(disk.canonical(root)),
      temporary_(root_ + "/tmp"),
      mine_(program.empty() ? "" : program + "-"),
      readers_(disk) {
    if (root_ == "/") {
        throw Error(ErrorCode::invalidArgument, "the root of all folders cannot be a store");
    }
}

std::unique_ptr<ObjectWriter> LocalStore::create(std::string_view name) {
    return during(step("create", name), [&] { return std::make_unique<Writer>(*this, name); });
}

void LocalStore::put(std::string_view name, ByteView data) {
    during(step("put", name), [&] {
        const std::string path = pathOf(name);
        TemporaryFile file(*this);
        file.write(data);
        publishDurably(file, path, true);
    });
}

void LocalStore::read(std::string_view name, std::uint64_t offset, std::span<std::uint8_t> out) {
    during(step("read", name), [&] {
        if (readers_.open(pathOf(name))->read(offset, out) < out.size()) {
            throw Error(ErrorCode::corrupt, "it ends too early");
        }
    });
}

std::optional<std::uint64_t> LocalStore::size(std::string_view name) {
    return during(step("find", name), [&]() -> std::optional<std::uint64_t> {
        const std::optional<DiskEntry> entry = disk_.stat(pathOf(name));
        if (!entry || entry->kind != DiskKind::file) return std::nullopt;
        return entry->size;
    });
}

void LocalStore::list(std::string_view prefix,
                      const std::function<void(std::string_view name, std::uint64_t size)>& each) {
    checkObjectPrefix(prefix);
    listFolder(std::string(prefix), each);
}

// `folder` is a prefix: empty or ending in '/'. One folder's names are in memory at a time, and
// those of the folders it is in.
void LocalStore::listFolder(const std::string& folder,
                            const std::function<void(std::string_view, std::uint64_t)>& each) {
    std::vector<DiskEntry> entries;
    try {
        const std::string path = root_ + "/" + folder;
        entries = disk_.list(path.substr(0, path.size() - 1));
    } catch (const Error& error) {
        if (error.code() == ErrorCode::notFound) return;
        throw error.within("list objects " + folder);
    }
    sortAsNames(entries);
    for (const DiskEntry& entry : entries) {
        const std::string name = folder + entry.name;
        if (entry.kind == DiskKind::file && isObjectName(name)) each(name, entry.size);
        if (entry.kind == DiskKind::folder && isObjectName(name.substr(0, name.size() - 1))) {
            listFolder(name, each);
        }
    }
}

void LocalStore::remove(std::string_view name) {
    during(step("remove", name), [&] {
        const std::string path = pathOf(name);
        disk_.unlink(path);
        readers_.forget(path);
        disk_.syncFolder(parentOf(path));
    });
}

std::optional<std::uint64_t> LocalStore::freeSpace() {
    return disk_.freeSpace(root_);
}

void LocalStore::clearTemporary() {
    during("clear " + temporary_, [&] {
        if (!disk_.stat(temporary_)) return;
        for (const DiskEntry& entry : disk_.list(temporary_)) {
            const bool ofOthers = !mine_.empty() && entry.name.find('-') != entry.name.npos &&
                                  !entry.name.starts_with(mine_);
            if (entry.kind == DiskKind::folder || ofOthers) continue;
            disk_.unlink(temporary_ + "/" + entry.name);
        }
    });
}

std::string LocalStore::pathOf(std::string_view name) const {
    checkObjectName(name);
    return root_ + "/" + std::string(name);
}

// Data first, the name after it: whoever sees the name sees all of the data, also after a crash.
void LocalStore::publishDurably(TemporaryFile& file, const std::string& path, bool replace) {
    const std::string folder = parentOf(path);
    file.sync();
    ensureFolder(folder);
    file.moveTo(path, replace);
    readers_.forget(path);
    disk_.syncFolder(folder);
}

// The parent is synced even if the folder was there: who made it may have crashed before syncing.
void LocalStore::ensureFolder(const std::string& path) {
    if (knownFolders_.with([&](const auto& known) { return known.contains(path); })) return;
    if (path == root_) {
        makeRoot(path);
    } else {
        ensureFolder(parentOf(path));
        disk_.makeFolder(path);
        disk_.syncFolder(parentOf(path));
    }
    knownFolders_.with([&](auto& known) { known.insert(path); });
}

// Folders are made and synced from the top down, so only the last one found may be unsynced.
void LocalStore::makeRoot(const std::string& path) {
    bool made = false;
    try {
        made = disk_.makeFolder(path);
        if (made) syncAbove(parentOf(path), false);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::notFound || path == "/") throw;
        makeRoot(parentOf(path));
        made = disk_.makeFolder(path);
    }
    syncAbove(path, made);
}

// Above the root are folders of other people, which we may be allowed to pass but not to read.
void LocalStore::syncAbove(const std::string& path, bool required) {
    try {
        disk_.syncFolder(parentOf(path));
    } catch (const Error& error) {
        if (required || error.code() != ErrorCode::permissionDenied) throw;
    }
}

}  // namespace coffer
