#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/background_work.h"
#include "core/base/cancel.h"
#include "core/base/guarded.h"
#include "core/catalog/catalog_build.h"
#include "core/catalog/catalog_file.h"
#include "core/rpc/store/repository_provider.h"

namespace coffer {

/// The catalogues of a server's repositories (docs/catalog.md), kept up to date by one thread that
/// runs only when others leave it a core. Safe to share between threads.
class Catalogs {
  public:
    struct Parts {
        rpc::RepositoryProvider& repositories;
        std::function<std::vector<std::string>()> names;                 // of the repositories
        std::function<std::string(const std::string& repository)> file;  // where its catalogue lies
        std::function<std::chrono::steady_clock::time_point()> now = std::chrono::steady_clock::now;
    };

    /// What is referred to outlives it.
    explicit Catalogs(Parts parts);
    ~Catalogs() { stop(); }
    Catalogs(const Catalogs&) = delete;
    Catalogs& operator=(const Catalogs&) = delete;

    void start() { background_.start(); }

    /// Something may be new, or gone. Quick.
    void look() { background_.ask(); }

    /// Ends within some milliseconds, or a read from the disk; what was begun is done again after
    /// the next start.
    void stop();

    /// Waits until all is up to date, as far as it can be read.
    void settle() { background_.settle(); }

    /// The catalogue of a repository, to be asked and not changed, for moments: it is not removed
    /// meanwhile. Nothing when it is not to be used: then it is made anew.
    std::shared_ptr<CatalogFile> open(const std::string& name, Repository& repository);

    /// What was opened is damaged: it will be made anew.
    void damaged(const std::string& name, const Error& error);

    /// It is thrown away and made anew, soon.
    void rebuild(const std::string& name);

    /// The repository is gone: nothing is known of one that gets its name.
    void forget(const std::string& name);

    /// Whether it is being read on at this moment, or will be soon.
    bool isWorking(const std::string& name) const;

  private:
    struct Kept {
        std::uint64_t builtAt = 0;  // generation of the repository
        bool checked = false;       // the whole file, once
        bool anew = false;          // it is to be removed, and not to be used until it is
        bool working = false;
        std::string failure;  // the last one
    };
    using Asked = std::map<std::string, unsigned>;  // by repository: how often open to be asked

    /// What could not be read, and since when it is passed over.
    struct Failed {
        CatalogBuild::Failures what;
        std::chrono::steady_clock::time_point since;
    };

    void update(const std::string& name);
    void build(const std::string& name, Repository& repository);
    void attempt(const std::string& name, Repository& repository);
    CatalogBuild::Failures& failuresOf(const std::string& name);
    bool isRetryDue(const std::string& name) const;
    void remove(const std::string& name);
    void noteFailure(const std::string& name, const std::string& message);
    bool isAnew(const std::string& name) const;

    const Parts parts_;
    CancelToken cancel_;
    Guarded<std::map<std::string, Kept>> kept_;
    Guarded<Asked> asked_;                  // held while a file is opened or removed
    std::map<std::string, Failed> failed_;  // by repository; of the thread that builds
    BackgroundWork background_;
};

/// Whether an Error that came from a catalogue means that it has to be made anew.
bool meansDamage(const Error& error);

}  // namespace coffer
