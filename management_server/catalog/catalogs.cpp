#include "management_server/catalog/catalogs.h"

#include <utility>

#include "core/base/error.h"
#include "core/service/log.h"

namespace coffer {

namespace {

constexpr std::chrono::hours patience{1};

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
        if (upToDate && !isRetryDue(name)) return;
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
    if (isAnew(name)) remove(name);
    try {
        attempt(name, repository);
    } catch (const Error& error) {
        if (!meansDamage(error)) throw;
        log(LogLevel::warning, "catalog.made-anew",
            {{"repository", name}, {"message", error.what()}});
        remove(name);
        attempt(name, repository);
    }
}

void Catalogs::attempt(const std::string& name, Repository& repository) {
    const auto file =
        std::make_unique<CatalogFile>(parts_.file(name), repository.config().repositoryId);
    const auto check = [&] {
        cancel_.check();
        if (isAnew(name)) throw Error(ErrorCode::cancelled, "it is made anew");
    };
    if (!kept_.with([&](auto& kept) { return kept[name].checked; })) {
        file->check(check);
        kept_.with([&](auto& kept) { kept[name].checked = true; });
    }
    const auto unreadable = [&](const SnapshotId& id, const Error& error) {
        log(LogLevel::warning, "catalog.unreadable",
            {{"repository", name}, {"snapshot", id.hex()}, {"message", error.what()}});
    };
    CatalogBuild(repository, *file, failuresOf(name), check, unreadable).run();
}

// Nobody knows when somebody repairs what cannot be read: it is tried again now and then.
bool Catalogs::isRetryDue(const std::string& name) const {
    const auto found = failed_.find(name);
    if (found == failed_.end() || found->second.what.snapshots.empty()) return false;
    return parts_.now() - found->second.since >= patience;
}

CatalogBuild::Failures& Catalogs::failuresOf(const std::string& name) {
    Failed& failed = failed_[name];
    if (failed.what.snapshots.empty() || isRetryDue(name)) {
        failed.what.snapshots.clear();
        failed.since = parts_.now();
    }
    return failed.what;
}

// No new question opens it meanwhile. SQLite goes by names when the last one closes a file: it
// would remove what belongs to the new one.
void Catalogs::remove(const std::string& name) {
    kept_.with([&](auto& kept) { kept[name].anew = true; });
    asked_.when([&](const Asked& asked) { return !asked.contains(name); },
                [&](Asked&) { CatalogFile::remove(parts_.file(name)); });
    failed_.erase(name);
    kept_.with([&](auto& kept) {
        kept[name].anew = false;
        kept[name].builtAt = 0;
    });
}

std::shared_ptr<CatalogFile> Catalogs::open(const std::string& name, Repository& repository) {
    if (isAnew(name)) return {};
    const auto close = [this, name](CatalogFile* file) {
        std::unique_ptr<CatalogFile>(file).reset();
        asked_.change([&](Asked& asked) {
            const auto its = asked.find(name);
            if (--its->second == 0) asked.erase(its);
        });
    };
    try {
        return asked_.with([&](Asked& asked) {
            auto file =
                std::make_unique<CatalogFile>(parts_.file(name), repository.config().repositoryId);
            ++asked[name];
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

void Catalogs::forget(const std::string& name) {
    kept_.with([&](auto& kept) { kept.erase(name); });
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
