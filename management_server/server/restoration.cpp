#include "management_server/server/restoration.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/service/settings_file.h"
#include "core/storage/local_store.h"
#include "core/trust/pinned_authority.h"
#include "core/trust/private_file.h"
#include "management_server/access/audit_log.h"
#include "management_server/database/columns.h"
#include "management_server/events/event_recorder.h"
#include "management_server/repositories/audit_witness.h"
#include "management_server/server/own_files.h"
#include "management_server/server/unpacked_server.h"

namespace coffer {

namespace {

// The lost server may have given so many numbers after its last backup; agents and clients know
// them.
constexpr std::int64_t numbersPassedOver = 1'000;

void moveRepository(ServerDatabase& database, const ServerFolder& folder, const std::string& name,
                    const std::string& place) {
    database.change([&](SqlDatabase& db) {
        SqlStatement row =
            db.prepare("UPDATE repositories SET folder=? WHERE name=? RETURNING name");
        bindText(row, 1, place);
        bindText(row, 2, name);
        if (!row.step()) {
            throw Error(ErrorCode::notFound, "the server that was saved has no repository '" +
                                                 printable(name.substr(0, 100)) + "'");
        }
        row.step();
    });
    const std::string own = folder.path() + "/repositories/" + name;
    makeFolders(folder.disk(), own);
    writePrivateFile(own + "/folder", place + "\n");
}

void moveRepositories(ServerDatabase& database, const ServerFolder& folder,
                      const RestoreOrder& order, const std::string& first) {
    const auto move = [&](const std::string& name, const std::string& place) {
        moveRepository(database, folder, name, folder.disk().canonical(place));
    };
    for (const auto& [name, place] : order.moved) move(name, place);
    move(first, order.repository);
}

void passOverNumbers(ServerDatabase& database) {
    database.change([](SqlDatabase& db) {
        for (const std::string table : {"'runs'", "'events'"}) {
            db.execute("INSERT INTO sqlite_sequence(name, seq) SELECT " + table +
                       ", 0 WHERE NOT EXISTS(SELECT 1 FROM sqlite_sequence WHERE name=" + table +
                       ")");
            db.execute("UPDATE sqlite_sequence SET seq=seq+" + std::to_string(numbersPassedOver) +
                       " WHERE name=" + table);
        }
    });
}

std::string takeOver(const ServerFolder& folder, const RepositoryRecord& record,
                     const Clock& clock) {
    try {
        const std::string own = folder.path() + "/repositories/" + record.name;
        // The locks of a folder and what was left over in it are touched only in its own.
        RepositoryFolder::requireOwn(folder.disk(), record.folder, own);
        RepositoryFolder place(folder.disk(), clock, record.folder, own);
        Repository::takeOver(place.place());
        return {};
    } catch (const Error& error) {
        return error.what();
    }
}

// The first opening does what could not be done now.
void markForTakeOver(const ServerFolder& folder, const std::string& name) {
    const std::string own = folder.path() + "/repositories/" + name;
    makeFolders(folder.disk(), own);
    writePrivateFile(own + "/" + takeOverFile, "");
}

// A repository that knows of records that the log has lost would be held against it for ever.
std::uint64_t dropHeads(const ServerRepositories& repositories, const AuditLog& audit,
                        const ServerFolder& folder) {
    std::uint64_t lost = 0;
    const std::uint64_t known = audit.head().number;
    const AuditWitness witness(audit, repositories, folder.storeKey());
    for (const RepositoryRecord& record : repositories.list()) {
        const RememberedHead remembered = witness.read(record);
        if (remembered.problem || audit.holds(remembered.head)) continue;
        if (remembered.head.number > known) {
            lost = std::max(lost, remembered.head.number - known);
        }
        removeIfThere(folder.disk(), auditHeadOf(record.folder));
    }
    return lost;
}

void writeSettings(const ServerFolder& folder, const RestoreOrder& order) {
    std::string text = readTextFile(folder.settingsFile());
    for (const std::string& setting : settingsOfFiles()) {
        const std::string file = folder.path() + "/" + secretFileOf(setting);
        if (folder.disk().stat(file)) text = SettingsFile::edited(text, setting, file);
    }
    if (!order.listen.empty()) {
        text = SettingsFile::edited(text, "server.listen", Endpoint::parse(order.listen).text());
    }
    writePrivateFile(folder.settingsFile(), text);
}

void tell(ServerDatabase& database, AuditLog& audit, const Clock& clock,
          const std::string& repository, const Restored& restored) {
    const std::string number = std::to_string(restored.number);
    const std::string time = toIso8601(restored.time);
    const std::string lost = std::to_string(restored.lostRecords);
    EventRecorder(database, clock)
        .add("server-restored", repository,
             "the server was restored from its backup " + number + " of " + time + " in " +
                 repository,
             {{"backup", number}, {"time", time}, {"lost-records", lost}});
    audit.add("coffer-server",
              {"server-restored",
               repository,
               {},
               {{"backup", number}, {"backup-time", time}, {"records-lost-before-this", lost}}});
}

}  // namespace

Restored restoreServer(ServerFolder& folder, const RestoreOrder& order, const Clock& clock) {
    if (!order.listen.empty()) Endpoint::parse(order.listen);
    const std::string place = folder.disk().canonical(order.repository);
    if (!folder.disk().stat(place + "/config")) {
        throw Error(ErrorCode::notFound, "there is no repository in " + printable(place));
    }
    makeFolders(folder.disk(), folder.path());
    const FileLock lock = folder.lock();
    LocalStore store(folder.disk(), place);
    UnpackedServer unpacked(folder, store, order.kit);
    Restored restored{unpacked.number(), unpacked.time(), {}, 0};
    {
        ServerDatabase database(folder.databaseFile());
        moveRepositories(database, folder, order, unpacked.repository());
        passOverNumbers(database);
        const ServerRepositories repositories(database, folder.disk(), folder.path(), clock);
        for (const RepositoryRecord& record : repositories.list()) {
            // Nobody touches it; another server may have adopted it meanwhile.
            if (record.removal && record.name != unpacked.repository()) {
                markForTakeOver(folder, record.name);
                continue;
            }
            const std::string problem = takeOver(folder, record, clock);
            restored.repositories.push_back({record.name, record.folder, problem});
            if (problem.empty()) continue;
            if (record.name == unpacked.repository()) throw Error(ErrorCode::ioError, problem);
            markForTakeOver(folder, record.name);
        }
        AuditLog audit(database, clock, [] { return std::string(); });
        restored.lostRecords = dropHeads(repositories, audit, folder);
        writeSettings(folder, order);
        tell(database, audit, clock, unpacked.repository(), restored);
    }
    unpacked.finish();
    return restored;
}

}  // namespace coffer
