#include "core/pipeline/journal_files.h"

#include <boost/filesystem.hpp>
#include <set>

#include "core/base/error.h"
#include "core/base/wire.h"

namespace coffer {

namespace fs = boost::filesystem;

namespace {

constexpr int interruptedLimit = 4;  // journals of interrupted runs that are kept

std::string keyOf(const BackupRequest& request, const RepositoryId& repository) {
    WireWriter writer;
    writer.raw(repository.view());
    for (const std::string& path : std::set(request.paths.begin(), request.paths.end())) {
        writer.sized(path);
    }
    return sha256(writer.bytes()).hex().substr(0, 24);
}

void rename(const std::string& from, const std::string& to) {
    boost::system::error_code error;
    fs::rename(from, to, error);
    if (error) throw Error::fromErrno(error.value(), "rename " + from);
}

}  // namespace

JournalFiles::JournalFiles(std::string folder, const BackupRequest& request,
                           const RepositoryId& repository)
    : stem_(std::move(folder) + "/" + keyOf(request, repository)), repository_(repository) {}

std::string JournalFiles::interrupted(int number) const {
    return stem_ + ".interrupted" + std::to_string(number);
}

std::vector<JournalReader> JournalFiles::open() {
    if (fs::exists(current())) {
        for (int number = interruptedLimit - 1; number > 0; --number) {
            if (fs::exists(interrupted(number - 1))) {
                rename(interrupted(number - 1), interrupted(number));
            }
        }
        rename(current(), interrupted(0));
    }
    std::vector<JournalReader> journals;
    for (int number = 0; number < interruptedLimit; ++number) {
        if (auto journal = JournalReader::open(interrupted(number), repository_)) {
            journals.push_back(std::move(*journal));
        }
    }
    if (auto base = JournalReader::open(stem_ + ".base", repository_)) {
        journals.push_back(std::move(*base));
    }
    return journals;
}

std::optional<SnapshotId> JournalFiles::baseSnapshot() const {
    const auto base = JournalReader::open(stem_ + ".base", repository_);
    return base ? base->snapshot() : std::nullopt;
}

void JournalFiles::commit() {
    rename(current(), stem_ + ".base");
    for (int number = 0; number < interruptedLimit; ++number) {
        boost::system::error_code ignored;
        fs::remove(interrupted(number), ignored);
    }
}

}  // namespace coffer
