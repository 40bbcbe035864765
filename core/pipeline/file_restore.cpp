#include "core/pipeline/file_restore.h"

#include "core/pipeline/folder_restore.h"

namespace coffer {

bool endsRestore(const Error& error) {
    if (error.endsRun()) return true;
    switch (error.code()) {
        case ErrorCode::noSpace:
        case ErrorCode::ioError:
        case ErrorCode::cancelled:
        case ErrorCode::internal:
            return true;
        default:
            return false;
    }
}

FileRestore::FileRestore(RestoreShared& shared, std::shared_ptr<FolderRestore> folder,
                         std::string path, Attributes attributes)
    : shared_(shared),
      folder_(std::move(folder)),
      path_(std::move(path)),
      attributes_(std::move(attributes)) {
    folder_->expect();
}

void FileRestore::write(std::uint64_t offset, ByteView data) {
    try {
        state_.with([&](State& state) {
            if (state.failed) return;
            if (!state.writer) state.writer = shared_.target.createFile(path_, attributes_);
            state.writer->writeAt(offset, data);
        });
        shared_.progress.readBytes += data.size();
        shared_.writeBehind.wrote(data.size());
    } catch (const Error& error) {
        if (endsRestore(error)) throw;
        fail(error);
        return;
    }
    done();
}

void FileRestore::fail(const Error& error) {
    const bool first = state_.with([](State& state) { return !std::exchange(state.failed, true); });
    if (first) shared_.problems.add(path_, error);
    done();
}

void FileRestore::done() {
    if (--outstanding_ != 0) return;
    finish();
    folder_->done();
}

void FileRestore::finish() {
    state_.with([&](State& state) {
        if (state.failed) {
            const bool created = state.writer != nullptr;
            state.writer.reset();
            if (created) shared_.target.remove(path_);
            return;
        }
        try {
            if (!state.writer) state.writer = shared_.target.createFile(path_, attributes_);
            for (std::string& line : state.writer->finish(attributes_)) {
                shared_.problems.add(path_, ErrorCode::permissionDenied, std::move(line));
            }
        } catch (const Error& error) {
            if (endsRestore(error)) throw;
            shared_.problems.add(path_, error);
        }
        state.writer.reset();
    });
    ++shared_.progress.files;
    shared_.progress.bytes += attributes_.size;
}

}  // namespace coffer
