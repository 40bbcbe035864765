#include "core/pipeline/replicate_job.h"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/pipeline/kept_run_copy.h"
#include "core/pipeline/object_copy.h"
#include "core/pipeline/replica_history.h"
#include "core/pipeline/server_backup_copy.h"
#include "core/repository/config_format.h"
#include "core/repository/manifest_format.h"
#include "core/repository/object_name.h"
#include "core/repository/owner.h"
#include "core/repository/pack_format.h"
#include "core/repository/repository_contents.h"
#include "core/repository/server_keys.h"
#include "core/repository/store_mark.h"

namespace coffer {

namespace {

constexpr int mostRounds = 3;       // readings of the manifest while packs vanish
constexpr int mostFailedReads = 5;  // in a row: then it is the source that is gone
constexpr std::string_view objectFolders[] = {pack_format::folder, "snapshots/"};

class Replication {
  public:
    Replication(ObjectStore& from, ObjectStore& to, const ReplicateSettings& settings,
                const Retry& retry, RunProgress& progress, ProblemLog& problems,
                const CancelToken& cancel)
        : from_(from),
          to_(to),
          settings_(settings),
          retry_(retry),
          progress_(progress),
          problems_(problems),
          cancel_(cancel) {}

    ReplicateResult run() {
        std::optional<RepositoryContents> contents;
        for (int round = 1;; ++round) {
            during("the repository", [&] {
                contents.emplace(from_);
                contents->requireKnown();
            });
            ProblemLog known;  // in a further round
            during("the replica", [&] { prepare(*contents, round == 1 ? problems_ : known); });
            std::map<std::string, Error> faults = copyObjects(*contents);
            // A pack that was deleted meanwhile is no fault: the manifest says so by now.
            const bool again = std::ranges::any_of(faults, [](const auto& fault) {
                return fault.second.code() == ErrorCode::notFound;
            });
            if (again && round < mostRounds) continue;
            for (const auto& [name, error] : faults) problems_.add(name, error);
            result_.missing = faults.size();
            break;
        }
        copySmallObjects(*contents);
        copyServerBackups(from_, to_, contents->config(), settings_.verify, retry_, problems_,
                          cancel_);
        copyKeptRuns(from_, to_, contents->config(), settings_.verify, problems_, cancel_);
        removeOthers(*contents);
        result_.generation = contents->head().sequence;
        result_.objects = contents->objects().size();
        return result_;
    }

  private:
    void prepare(RepositoryContents& contents, ProblemLog& problems) {
        const RepositoryId& repository = contents.config().repositoryId;
        if (!to_.size(config_format::storeName)) {
            requireEmpty();
            writeStoreMark(to_, {randomId<StoreId>(), repository, StoreMark::Kind::replica});
        }
        const StoreMark mark = readStoreMark(to_);
        if (mark.kind != StoreMark::Kind::replica) {
            throw Error(ErrorCode::conflict,
                        "it is a repository of its own, not a replica, or was taken over");
        }
        if (mark.repository != repository) {
            throw Error(ErrorCode::conflict, "it is a replica of repository " +
                                                 mark.repository.hex() + ", this one is " +
                                                 repository.hex());
        }
        result_.store = mark.store;
        checkHistory(contents, to_, problems);
    }

    void requireEmpty() {
        to_.list("", [](std::string_view name, std::uint64_t) {
            if (name == "lock") return;  // of who keeps others away
            throw Error(ErrorCode::alreadyExists,
                        "the folder holds " + std::string(name) + " but is no replica");
        });
    }

    // Of what a manifest can name; other names are of later versions.
    std::map<std::string, std::uint64_t> sizesIn(ObjectStore& store) {
        std::map<std::string, std::uint64_t> sizes;
        for (const std::string_view folder : objectFolders) {
            store.list(folder, [&](std::string_view name, std::uint64_t size) {
                if (packNamed(name) || snapshotNamed(name)) sizes.emplace(name, size);
            });
        }
        return sizes;
    }

    std::map<std::string, Error> copyObjects(const RepositoryContents& contents) {
        const auto there = sizesIn(to_);
        const auto isThere = [&](const NamedObject& object) {
            const auto found = there.find(object.name);
            return found != there.end() && (object.size == 0 || found->second == object.size);
        };
        progress_.bytes = 0;
        progress_.totalBytes = 0;
        for (const NamedObject& object : contents.objects()) {
            if (settings_.verify || !isThere(object)) progress_.totalBytes += object.size;
        }
        std::map<std::string, Error> faults;
        int failedReads = 0;
        for (const NamedObject& object : contents.objects()) {
            if (isThere(object) && (!settings_.verify || isSound(object))) continue;
            const bool damaged = there.contains(object.name);
            const auto fault = copy(object);
            if (!fault) {
                failedReads = 0;
                if (damaged) ++result_.healed;
            } else if (!object.condemned || fault->code() != ErrorCode::notFound) {
                failedReads = fault->code() == ErrorCode::ioError ? failedReads + 1 : 0;
                if (failedReads == mostFailedReads) throw fault->within("the repository");
                faults.emplace(object.name, *fault);
            }
        }
        return faults;
    }

    std::optional<Error> copy(const NamedObject& object) {
        std::uint64_t octets = 0;
        const auto fault = copyObject(from_, to_, object, retry_, [&](std::uint64_t done) {
            cancel_.check();
            octets += done;
            progress_.bytes += done;
        });
        if (fault) return fault;
        ++progress_.files;
        ++result_.copied;
        result_.copiedBytes += octets;
        return std::nullopt;
    }

    bool isSound(const NamedObject& object) {
        if (sound_.contains(object.name)) return true;
        try {
            checkObject(to_, object, [&](std::uint64_t done) {
                cancel_.check();
                progress_.bytes += done;
            });
        } catch (const Error& error) {
            if (error.code() == ErrorCode::cancelled) throw;
            problems_.add(object.name, error.within("the replica"));
            return false;
        }
        sound_.insert(object.name);
        ++progress_.files;
        ++result_.verified;
        return true;
    }

    // The manifest's last segment grows, so the order of names is the order of time.
    void copySmallObjects(RepositoryContents& contents) {
        const RepositoryConfig& config = contents.config();
        replaceIfSound(config_format::firstKeysName,
                       [&](ByteView object) { checkKeyObject(object, config); });
        replaceIfSound(config_format::ownerName,
                       [&](ByteView object) { decodeOwner(object, config.server); });
        contents.copied().list(manifest_format::folder, [&](std::string_view name, std::uint64_t) {
            constexpr auto limit = manifest_format::segmentLimit;
            replace(name, readAll(contents.copied(), name, limit), limit);
        });
        constexpr auto limit = config_format::configLimit;
        replace(config_format::configName,
                readAll(contents.copied(), config_format::configName, limit), limit);
    }

    // Without these nobody gets into the replica: what it has stays until a sound one comes.
    void replaceIfSound(std::string_view name, const std::function<void(ByteView)>& check) {
        Bytes object;
        try {
            object = during("the repository",
                            [&] { return readAll(from_, name, config_format::configLimit); });
            during("the repository", [&] { check(object); });
        } catch (const Error& error) {
            problems_.add(std::string(name), error);
            return;
        }
        replace(name, object, config_format::configLimit);
    }

    void replace(std::string_view name, const Bytes& object, std::uint64_t limit) {
        cancel_.check();
        if (to_.size(name) == object.size() && readAll(to_, name, limit) == object) return;
        to_.put(name, object);
    }

    void removeOthers(const RepositoryContents& contents) {
        std::set<std::string_view> named;
        for (const NamedObject& object : contents.objects()) named.insert(object.name);
        for (const auto& [name, size] : sizesIn(to_)) {
            if (named.contains(name)) continue;
            cancel_.check();
            to_.remove(name);
            ++result_.removed;
        }
    }

    ObjectStore& from_;
    ObjectStore& to_;
    const ReplicateSettings& settings_;
    const Retry& retry_;
    RunProgress& progress_;
    ProblemLog& problems_;
    const CancelToken& cancel_;
    std::set<std::string> sound_;  // need not be read again in a further round
    ReplicateResult result_;
};

}  // namespace

ReplicateResult runReplicate(ObjectStore& from, ObjectStore& to, const ReplicateSettings& settings,
                             const Retry& retry, RunProgress& progress, ProblemLog& problems,
                             const CancelToken& cancel) {
    return Replication(from, to, settings, retry, progress, problems, cancel).run();
}

}  // namespace coffer
