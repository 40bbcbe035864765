#include "core/source/replacing_target.h"

#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/source/target_path.h"

namespace coffer {

namespace {

// Always the same for a path, so that another attempt finds what the one before left.
std::string besideName(const std::string& path) {
    const TargetPath entry = targetEntry(path);
    const std::string name = ".coffer-" + toHex(sha256(bytesOf(entry.name)).view().subspan(0, 8));
    return entry.folder.empty() ? name : std::string(entry.folder) + "/" + name;
}

class ReplacingFile : public FileWriter {
  public:
    ReplacingFile(RestoreTarget& target, std::unique_ptr<FileWriter> file, std::string made,
                  std::string path)
        : target_(target), file_(std::move(file)), made_(std::move(made)), path_(std::move(path)) {}

    void writeAt(std::uint64_t offset, ByteView data) override { file_->writeAt(offset, data); }

    std::vector<std::string> finish(const Attributes& attributes) override {
        auto refused = file_->finish(attributes);
        target_.replace(made_, path_);
        return refused;
    }

  private:
    RestoreTarget& target_;
    const std::unique_ptr<FileWriter> file_;
    const std::string made_;
    const std::string path_;
};

}  // namespace

template <class Make>
auto ReplacingTarget::makeBeside(const std::string& path, Make&& make) {
    const std::string made = besideName(path);
    try {
        return make(made);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::alreadyExists) throw;
    }
    inner_.remove(made);
    return make(made);
}

void ReplacingTarget::makeFolder(const std::string& path) {
    const auto found = inner_.stat(path);
    if (found && found->type != EntryType::folder) inner_.remove(path);
    inner_.makeFolder(path);
}

std::unique_ptr<FileWriter> ReplacingTarget::createFile(const std::string& path,
                                                        const Attributes& attributes) {
    return makeBeside(path, [&](const std::string& made) -> std::unique_ptr<FileWriter> {
        return std::make_unique<ReplacingFile>(inner_, inner_.createFile(made, attributes), made,
                                               path);
    });
}

std::vector<std::string> ReplacingTarget::makeSpecial(const std::string& path,
                                                      const Attributes& attributes) {
    return makeBeside(path, [&](const std::string& made) {
        auto refused = inner_.makeSpecial(made, attributes);
        inner_.replace(made, path);
        return refused;
    });
}

void ReplacingTarget::link(const std::string& existing, const std::string& path) {
    makeBeside(path, [&](const std::string& made) {
        inner_.link(existing, made);
        inner_.replace(made, path);
    });
}

void ReplacingTarget::replace(const std::string& made, const std::string& path) {
    inner_.replace(made, path);
}

std::vector<std::string> ReplacingTarget::finishFolder(const std::string& path,
                                                       const Attributes& attributes) {
    return inner_.finishFolder(path, attributes);
}

std::optional<Stat> ReplacingTarget::stat(const std::string& path) {
    return inner_.stat(path);
}

void ReplacingTarget::remove(const std::string& path) {
    const std::string made = besideName(path);
    if (inner_.stat(made)) inner_.remove(made);
}

void ReplacingTarget::sync() {
    inner_.sync();
}

}  // namespace coffer
