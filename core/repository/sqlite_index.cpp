#include "core/repository/sqlite_index.h"

#include <algorithm>
#include <cstdio>

#include "core/base/error.h"

namespace coffer {

namespace {

constexpr std::size_t keySize = 16;

SqlDatabase openDatabase(const std::string& path) {
    try {
        return SqlDatabase(path, false);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::corrupt) throw;
    }
    // It is only a cache: an unreadable one is built anew.
    for (const char* suffix : {"", "-wal", "-shm"}) std::remove((path + suffix).c_str());
    return SqlDatabase(path, false);
}

SqlDatabase openWithSchema(const std::string& path) {
    SqlDatabase database = openDatabase(path);
    database.execute(
        "CREATE TABLE IF NOT EXISTS packs(number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE);"
        "CREATE TABLE IF NOT EXISTS chunks(key BLOB NOT NULL, pack INTEGER NOT NULL,"
        " block INTEGER NOT NULL, slot INTEGER NOT NULL, PRIMARY KEY(key, pack)) WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID;");
    return database;
}

}  // namespace

SqliteIndex::State::State(const std::string& path)
    : database(openWithSchema(path)),
      insertPack(database.prepare("INSERT OR IGNORE INTO packs(id) VALUES(?)")),
      findPack(database.prepare("SELECT number FROM packs WHERE id=?")),
      readPack(database.prepare("SELECT id FROM packs WHERE number=?")),
      insertChunk(database.prepare("INSERT OR IGNORE INTO chunks VALUES(?,?,?,?)")),
      findChunk(database.prepare("SELECT pack, block, slot FROM chunks WHERE key=?")),
      writeGeneration(database.prepare("REPLACE INTO meta VALUES('generation', ?)")) {}

std::int64_t SqliteIndex::State::packNumber(const PackId& pack) {
    std::int64_t number = 0;
    if (findPack.bind(1, pack.view()).step()) number = findPack.integer(0);
    findPack.reset();
    return number;
}

PackId SqliteIndex::State::packOf(std::int64_t number) {
    const auto known = packs.find(number);
    if (known != packs.end()) return known->second;
    PackId pack;
    if (readPack.bind(1, number).step() && readPack.blob(0).size() == sizeof pack.bytes) {
        pack = PackId::from(readPack.blob(0));
    }
    readPack.reset();
    packs.emplace(number, pack);
    return pack;
}

void SqliteIndex::State::storeGeneration(std::uint64_t generation) {
    writeGeneration.bind(1, static_cast<std::int64_t>(generation)).run();
}

SqliteIndex::SqliteIndex(const std::string& path, const RepositoryId& repository) : state_(path) {
    const bool same = state_.with([&](State& state) {
        SqlStatement read =
            state.database.prepare("SELECT value FROM meta WHERE name='repository'");
        return read.step() && std::ranges::equal(read.blob(0), repository.view());
    });
    if (same) return;
    clear();
    state_.with([&](State& state) {
        state.database.prepare("REPLACE INTO meta VALUES('repository', ?)")
            .bind(1, repository.view())
            .run();
    });
}

void SqliteIndex::add(const PackId& pack, const PackDirectory& directory,
                      std::uint64_t generation) {
    struct Row {
        const ChunkId* id;
        std::uint32_t block;
        std::uint32_t slot;
    };
    std::vector<Row> rows;
    for (std::uint32_t block = 0; block < directory.blocks.size(); ++block) {
        const auto& chunks = directory.blocks[block].chunks;
        for (std::uint32_t slot = 0; slot < chunks.size(); ++slot) {
            rows.push_back({&chunks[slot].id, block, slot});
        }
    }
    // In key order the tree's pages are each touched once.
    std::ranges::sort(rows, [](const Row& a, const Row& b) { return *a.id < *b.id; });
    state_.with([&](State& state) {
        SqlTransaction transaction(state.database);
        state.insertPack.bind(1, pack.view()).run();
        const std::int64_t number = state.packNumber(pack);
        for (const Row& row : rows) {
            state.insertChunk.bind(1, row.id->view().first(keySize))
                .bind(2, number)
                .bind(3, row.block)
                .bind(4, row.slot)
                .run();
        }
        state.storeGeneration(generation);
        transaction.commit();
    });
}

void SqliteIndex::remove(const PackId& pack, std::uint64_t generation) {
    state_.with([&](State& state) {
        SqlTransaction transaction(state.database);
        const std::int64_t number = state.packNumber(pack);
        state.database.prepare("DELETE FROM chunks WHERE pack=?").bind(1, number).run();
        state.database.prepare("DELETE FROM packs WHERE number=?").bind(1, number).run();
        state.packs.erase(number);
        state.storeGeneration(generation);
        transaction.commit();
    });
}

std::vector<std::vector<ChunkLocation>> SqliteIndex::find(std::span<const ChunkId> ids) {
    std::vector<std::vector<ChunkLocation>> found(ids.size());
    state_.with([&](State& state) {
        for (std::size_t i = 0; i < ids.size(); ++i) {
            state.findChunk.bind(1, ids[i].view().first(keySize));
            while (state.findChunk.step()) {
                found[i].push_back({state.packOf(state.findChunk.integer(0)),
                                    static_cast<std::uint32_t>(state.findChunk.integer(1)),
                                    static_cast<std::uint32_t>(state.findChunk.integer(2))});
            }
            state.findChunk.reset();
        }
    });
    return found;
}

std::uint64_t SqliteIndex::chunkCount() {
    return state_.with([](State& state) {
        SqlStatement count = state.database.prepare("SELECT count(*) FROM chunks");
        return count.step() ? static_cast<std::uint64_t>(count.integer(0)) : 0;
    });
}

std::uint64_t SqliteIndex::generation() {
    return state_.with([](State& state) {
        SqlStatement read =
            state.database.prepare("SELECT value FROM meta WHERE name='generation'");
        return read.step() ? static_cast<std::uint64_t>(read.integer(0)) : 0;
    });
}

void SqliteIndex::setGeneration(std::uint64_t generation) {
    state_.with([&](State& state) { state.storeGeneration(generation); });
}

void SqliteIndex::clear() {
    state_.with([](State& state) {
        SqlTransaction transaction(state.database);
        state.database.execute(
            "DELETE FROM chunks; DELETE FROM packs; DELETE FROM meta WHERE name='generation';");
        state.packs.clear();
        transaction.commit();
    });
}

}  // namespace coffer
