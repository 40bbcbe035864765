#include "management_server/catalog/catalogs.h"

#include <utility>

#include "core/base/error.h"
#include "core/catalog/catalog_build.h"
#include "core/service/log.h"

namespace coffer {

namespace {

void logFailure(const std::string& repository, const char* message) {
    log(LogLevel::error, "catalog.failed", {{"repository", repository}, {"message", message}});
}

}  // namespace

bool meansDamage(const Error& error) {
    switch (error.code()) {
        case ErrorCode::corrupt:
        case ErrorCode::unsupported:
        case ErrorCode::conflict:
        case ErrorCode::internal:  // a table is missing
            return true;
        default:
            return false;
    }
}

Catalogs::Catalogs(Parts parts)
    : parts_(std::move(parts)),
      background_(
          [this] {
              for (const std::string& name : parts_.names()) update(name);
          },
          [](const std::exception& error) { logFailure("", error.what()); }) {}

void Catalogs::stop() {
    cancel_.request();
    background_.stop();
}

void Catalogs::update(const std::string& name) {
    const auto setWorking = [&](bool working) {
        kept_.with([&](auto& kept) { kept[name].working = working; });
    };
    try {
        cancel_.check();
        const auto repository = parts_.repositories.open(name);
        const std::uint64_t generation = repository->ledger().head().sequence;
        const bool upToDate = kept_.with([&](auto& kept) {
            const Kept& state = kept[name];
            return state.builtAt == generation && !state.anew;
        });
        if (upToDate) return;
        setWorking(true);
        build(name, *repository);
        kept_.with([&](auto& kept) {
            kept[name].builtAt = generation;
            kept[name].failure.clear();
        });
    } catch (const Error& error) {
        if (error.code() != ErrorCode::cancelled) noteFailure(name, error.what());
    } catch (const std::exception& error) {
        noteFailure(name, error.what());
    }
    setWorking(false);
}

// A repository that is away fails every minute.
void Catalogs::noteFailure(const std::string& name, const std::string& message) {
    const bool isNew = kept_.with(
        [&](auto& kept) { return std::exchange(kept[name].failure, message) != message; });
    if (isNew) logFailure(name, message.c_str());
}

void Catalogs::build(const std::string& name, Repository& repository) {
    const bool anew = kept_.with([&](auto& kept) { return std::exchange(kept[name].anew, false); });
    if (anew) remove(name);
    const auto attempt = [&] {
        const auto file =
            std::make_unique<CatalogFile>(parts_.file(name), repository.config().repositoryId);
        const bool checked =
            kept_.with([&](auto& kept) { return std::exchange(kept[name].checked, true); });
        if (!checked) file->check();
        const auto check = [&] {
            cancel_.check();
            if (isAnew(name)) throw Error(ErrorCode::cancelled, "it is made anew");
        };
        const auto unreadable = [&](const SnapshotId& id, const Error& error) {
            log(LogLevel::warning, "catalog.unreadable",
                {{"repository", name}, {"snapshot", id.hex()}, {"message", error.what()}});
        };
        CatalogBuild(repository, *file, check, unreadable).run();
    };
    try {
        attempt();
    } catch (const Error& error) {
        if (!meansDamage(error)) throw;
        log(LogLevel::warning, "catalog.made-anew",
            {{"repository", name}, {"message", error.what()}});
        remove(name);
        attempt();
    }
}

// SQLite goes by names when the last one closes a file: it would remove what belongs to the new
// one.
void Catalogs::remove(const std::string& name) {
    files_.when([](const Files& files) { return files.asked == 0; },
                [&](Files&) { CatalogFile::remove(parts_.file(name)); });
}

std::shared_ptr<CatalogFile> Catalogs::open(const std::string& name, Repository& repository) {
    if (isAnew(name)) return {};
    const auto close = [this](CatalogFile* file) {
        std::unique_ptr<CatalogFile>(file).reset();
        files_.change([](Files& files) { --files.asked; });
    };
    try {
        return files_.with([&](Files& files) {
            auto file =
                std::make_unique<CatalogFile>(parts_.file(name), repository.config().repositoryId);
            ++files.asked;
            return std::shared_ptr<CatalogFile>(file.release(), close);
        });
    } catch (const Error& error) {
        if (!meansDamage(error)) throw;
        damaged(name, error);
        return {};
    }
}

void Catalogs::damaged(const std::string& name, const Error& error) {
    log(LogLevel::warning, "catalog.damaged", {{"repository", name}, {"message", error.what()}});
    rebuild(name);
}

void Catalogs::rebuild(const std::string& name) {
    kept_.with([&](auto& kept) { kept[name].anew = true; });
    background_.ask();
}

bool Catalogs::isAnew(const std::string& name) const {
    return kept_.with([&](const auto& kept) {
        const auto found = kept.find(name);
        return found != kept.end() && found->second.anew;
    });
}

bool Catalogs::isWorking(const std::string& name) const {
    return kept_.with([&](const auto& kept) {
        const auto found = kept.find(name);
        return found != kept.end() && (found->second.working || found->second.anew);
    });
}

}  // namespace coffer
