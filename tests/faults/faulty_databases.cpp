// A VFS that stands between SQLite and its usual one: https://www.sqlite.org/vfs.html
#include "tests/faults/faulty_databases.h"

#include <sqlite3.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "core/base/error.h"
#include "core/base/guarded.h"

namespace coffer {

namespace fs = std::filesystem;

namespace {

Bytes contentOf(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return Bytes(std::istreambuf_iterator<char>(file), {});
}

/// Since the last sync: octets written at an offset, or a new length.
struct Change {
    std::size_t offset = 0;
    Bytes octets;
    bool truncates = false;

    void applyTo(Bytes& content) const {
        if (truncates || content.size() < offset + octets.size()) {
            content.resize(offset + octets.size());
        }
        std::ranges::copy(octets, content.begin() + static_cast<std::ptrdiff_t>(offset));
    }
};

struct Record {
    Bytes synced;
    std::vector<Change> changes;

    Bytes after(CrashMode mode) const {
        Bytes content = synced;
        const std::size_t half = (changes.size() + 1) / 2;
        const std::size_t first = mode == CrashMode::hollow ? half : 0;
        std::size_t last = changes.size();
        if (mode == CrashMode::lost) last = 0;
        if (mode == CrashMode::torn) last = half;
        for (std::size_t i = first; i < last; ++i) changes[i].applyTo(content);
        return content;
    }
};

bool isSharedMemory(const std::string& name) {
    return name.ends_with("-shm");
}

thread_local int lastError = 0;  // errno of what failed last

}  // namespace

struct FaultyDatabases::Folder {
    Folder(SimulatedDisk& itsDisk, std::string itsPath) : disk(itsDisk), path(std::move(itsPath)) {}

    // SQLite's code for what the disk says; 0 to go on.
    int reach(const std::string& name, int otherwise) {
        try {
            disk.reach(path + "/" + name);
            return SQLITE_OK;
        } catch (const SimulatedCrash&) {  // what follows fails as well
            lastError = EIO;
        } catch (const Error& error) {
            lastError = error.systemError();
        }
        // As the usual VFS has it.
        return otherwise == SQLITE_IOERR_WRITE && lastError == ENOSPC ? SQLITE_FULL : otherwise;
    }

    SimulatedDisk& disk;
    const std::string path;
    Guarded<std::map<std::string, Record>> records;  // by name in the folder
};

namespace {

using Folder = FaultyDatabases::Folder;

Guarded<std::map<std::string, std::shared_ptr<Folder>>>& folders() {
    static Guarded<std::map<std::string, std::shared_ptr<Folder>>> all;
    return all;
}

struct Place {
    std::shared_ptr<Folder> folder;  // null: none of ours
    std::string name;
};

Place placeOf(const char* path) {
    if (!path) return {};
    const fs::path whole(path);
    return folders().with([&](auto& all) -> Place {
        const auto found = all.find(whole.parent_path().string());
        if (found == all.end() || isSharedMemory(path)) return {};
        return {found->second, whole.filename().string()};
    });
}

/// An open file of ours; SQLite gives the room, the usual VFS's file lies behind it.
struct File {
    sqlite3_file base;
    Place* place;
    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

sqlite3_vfs& usual() {
    static sqlite3_vfs* const vfs = sqlite3_vfs_find("unix");
    return *vfs;
}

File& ours(sqlite3_file* file) {
    return *reinterpret_cast<File*>(file);
}

int closeFile(sqlite3_file* file) {
    sqlite3_file* real = ours(file).real();
    const int result = real->pMethods ? real->pMethods->xClose(real) : SQLITE_OK;
    delete ours(file).place;
    return result;
}

int readFile(sqlite3_file* file, void* out, int size, sqlite3_int64 offset) {
    sqlite3_file* real = ours(file).real();
    return real->pMethods->xRead(real, out, size, offset);
}

// Of a write that crashes the first half is there.
int writeFile(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
    sqlite3_file* real = ours(file).real();
    const Place& place = *ours(file).place;
    if (!place.folder) return real->pMethods->xWrite(real, data, size, offset);
    const int refused = place.folder->reach(place.name, SQLITE_IOERR_WRITE);
    const int written = refused ? size / 2 : size;
    const auto* octets = static_cast<const std::uint8_t*>(data);
    place.folder->records.with([&](auto& records) {
        records[place.name].changes.push_back(
            {static_cast<std::size_t>(offset), Bytes(octets, octets + written), false});
    });
    const int result = real->pMethods->xWrite(real, data, written, offset);
    return refused ? refused : result;
}

int truncateFile(sqlite3_file* file, sqlite3_int64 size) {
    sqlite3_file* real = ours(file).real();
    const Place& place = *ours(file).place;
    if (place.folder) {
        if (const int refused = place.folder->reach(place.name, SQLITE_IOERR_TRUNCATE)) {
            return refused;
        }
        place.folder->records.with([&](auto& records) {
            records[place.name].changes.push_back({static_cast<std::size_t>(size), {}, true});
        });
    }
    return real->pMethods->xTruncate(real, size);
}

int syncFile(sqlite3_file* file, int) {
    const Place& place = *ours(file).place;
    if (!place.folder) return SQLITE_OK;
    if (const int refused = place.folder->reach(place.name, SQLITE_IOERR_FSYNC)) return refused;
    place.folder->records.with([&](auto& records) {
        Record& record = records[place.name];
        for (const Change& change : record.changes) change.applyTo(record.synced);
        record.changes.clear();
    });
    return SQLITE_OK;
}

int sizeOfFile(sqlite3_file* file, sqlite3_int64* size) {
    sqlite3_file* real = ours(file).real();
    return real->pMethods->xFileSize(real, size);
}

int lockFile(sqlite3_file* file, int kind) {
    sqlite3_file* real = ours(file).real();
    return real->pMethods->xLock(real, kind);
}

int unlockFile(sqlite3_file* file, int kind) {
    sqlite3_file* real = ours(file).real();
    return real->pMethods->xUnlock(real, kind);
}

int checkLock(sqlite3_file* file, int* held) {
    sqlite3_file* real = ours(file).real();
    return real->pMethods->xCheckReservedLock(real, held);
}

int controlFile(sqlite3_file* file, int operation, void* argument) {
    // Growing ahead of time would be a change that the records do not know.
    if (operation == SQLITE_FCNTL_SIZE_HINT || operation == SQLITE_FCNTL_CHUNK_SIZE) {
        return SQLITE_OK;
    }
    sqlite3_file* real = ours(file).real();
    return real->pMethods->xFileControl(real, operation, argument);
}

int sectorSize(sqlite3_file* file) {
    sqlite3_file* real = ours(file).real();
    return real->pMethods->xSectorSize(real);
}

int characteristics(sqlite3_file* file) {
    sqlite3_file* real = ours(file).real();
    return real->pMethods->xDeviceCharacteristics(real);
}

int mapShared(sqlite3_file* file, int region, int size, int extend, void volatile** out) {
    sqlite3_file* real = ours(file).real();
    return real->pMethods->xShmMap(real, region, size, extend, out);
}

int lockShared(sqlite3_file* file, int offset, int count, int flags) {
    sqlite3_file* real = ours(file).real();
    return real->pMethods->xShmLock(real, offset, count, flags);
}

void barrierShared(sqlite3_file* file) {
    sqlite3_file* real = ours(file).real();
    real->pMethods->xShmBarrier(real);
}

int unmapShared(sqlite3_file* file, int remove) {
    sqlite3_file* real = ours(file).real();
    return real->pMethods->xShmUnmap(real, remove);
}

constexpr sqlite3_io_methods methods = {
    2,          closeFile,     readFile,    writeFile,   truncateFile, syncFile,        sizeOfFile,
    lockFile,   unlockFile,    checkLock,   controlFile, sectorSize,   characteristics, mapShared,
    lockShared, barrierShared, unmapShared, nullptr,     nullptr};

int openFile(sqlite3_vfs*, const char* path, sqlite3_file* file, int flags, int* outFlags) {
    auto place = std::make_unique<Place>(placeOf(path));
    ours(file).base.pMethods = nullptr;
    if (place->folder && (flags & SQLITE_OPEN_CREATE) && !fs::exists(path)) {
        if (const int refused = place->folder->reach(place->name, SQLITE_CANTOPEN)) return refused;
    }
    const int result = usual().xOpen(&usual(), path, ours(file).real(), flags, outFlags);
    if (result != SQLITE_OK) return result;
    ours(file).base.pMethods = &methods;
    ours(file).place = place.release();
    return SQLITE_OK;
}

int deleteFile(sqlite3_vfs*, const char* path, int syncFolder) {
    const Place place = placeOf(path);
    if (place.folder) {
        if (const int refused = place.folder->reach(place.name, SQLITE_IOERR_DELETE)) {
            return refused;
        }
        place.folder->records.with([&](auto& records) { records.erase(place.name); });
    }
    return usual().xDelete(&usual(), path, syncFolder);
}

int lastErrorOf(sqlite3_vfs*, int, char*) {
    return lastError;
}

// The usual one in all but what is above.
void registerVfs() {
    static sqlite3_vfs vfs = usual();
    vfs.zName = "faulty";
    vfs.szOsFile = static_cast<int>(sizeof(File)) + usual().szOsFile;
    vfs.xOpen = openFile;
    vfs.xDelete = deleteFile;
    vfs.xGetLastError = lastErrorOf;
    sqlite3_vfs_register(&vfs, 1);
}

}  // namespace

FaultyDatabases::FaultyDatabases(SimulatedDisk& disk, const std::string& folder)
    : folder_(std::make_shared<Folder>(disk, folder)) {
    static std::once_flag registered;
    std::call_once(registered, registerVfs);
    folder_->records.with([&](auto& records) {
        for (const auto& entry : fs::directory_iterator(folder)) {
            if (!entry.is_regular_file()) continue;
            records[entry.path().filename().string()].synced = contentOf(entry.path());
        }
    });
    folders().with([&](auto& all) { all[folder] = folder_; });
}

FaultyDatabases::~FaultyDatabases() {
    folders().with([&](auto& all) { all.erase(folder_->path); });
}

std::map<std::string, Bytes> FaultyDatabases::contents() const {
    return folder_->records.with([](const auto& records) {
        std::map<std::string, Bytes> contents;
        for (const auto& [name, record] : records) {
            contents.emplace(name, record.after(CrashMode::killed));
        }
        return contents;
    });
}

void FaultyDatabases::copyAfter(CrashMode mode, const std::string& to) const {
    folder_->records.with([&](const auto& records) {
        for (const auto& [name, record] : records) {
            const Bytes content = record.after(mode);
            std::ofstream file(fs::path(to) / name, std::ios::binary);
            file.write(reinterpret_cast<const char*>(content.data()),
                       static_cast<std::streamsize>(content.size()));
        }
    });
}

}  // namespace coffer
