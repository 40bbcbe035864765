#include "workstation_agent/worker/target_views.h"

#include "core/base/error.h"

namespace coffer {

const std::string& GuardedTarget::checked(const std::string& path) const {
    for (const std::string& closed : closed_) {
        if (path.starts_with(closed) &&
            (path.size() == closed.size() || path[closed.size()] == '/')) {
            throw Error(ErrorCode::permissionDenied,
                        "the agent's own files are there, which no restore changes");
        }
    }
    return path;
}

void GuardedTarget::makeFolder(const std::string& path) {
    inner_.makeFolder(checked(path));
}

std::unique_ptr<FileWriter> GuardedTarget::createFile(const std::string& path,
                                                      const Attributes& attributes) {
    return inner_.createFile(checked(path), attributes);
}

std::vector<std::string> GuardedTarget::makeSpecial(const std::string& path,
                                                    const Attributes& attributes) {
    return inner_.makeSpecial(checked(path), attributes);
}

void GuardedTarget::link(const std::string& existing, const std::string& path) {
    inner_.link(checked(existing), checked(path));
}

void GuardedTarget::replace(const std::string& made, const std::string& path) {
    inner_.replace(checked(made), checked(path));
}

std::vector<std::string> GuardedTarget::finishFolder(const std::string& path,
                                                     const Attributes& attributes) {
    return inner_.finishFolder(checked(path), attributes);
}

std::optional<Stat> GuardedTarget::stat(const std::string& path) {
    return inner_.stat(path);
}

void GuardedTarget::remove(const std::string& path) {
    inner_.remove(checked(path));
}

void GuardedTarget::sync() {
    inner_.sync();
}

std::string FolderOfTarget::within(const std::string& path) const {
    if (folder_.empty()) return path;
    return path.empty() ? folder_ : folder_ + "/" + path;
}

void FolderOfTarget::makeFolder(const std::string& path) {
    inner_.makeFolder(within(path));
}

std::unique_ptr<FileWriter> FolderOfTarget::createFile(const std::string& path,
                                                       const Attributes& attributes) {
    return inner_.createFile(within(path), attributes);
}

std::vector<std::string> FolderOfTarget::makeSpecial(const std::string& path,
                                                     const Attributes& attributes) {
    return inner_.makeSpecial(within(path), attributes);
}

void FolderOfTarget::link(const std::string& existing, const std::string& path) {
    inner_.link(within(existing), within(path));
}

void FolderOfTarget::replace(const std::string& made, const std::string& path) {
    inner_.replace(within(made), within(path));
}

std::vector<std::string> FolderOfTarget::finishFolder(const std::string& path,
                                                      const Attributes& attributes) {
    return inner_.finishFolder(within(path), attributes);
}

std::optional<Stat> FolderOfTarget::stat(const std::string& path) {
    return inner_.stat(within(path));
}

void FolderOfTarget::remove(const std::string& path) {
    inner_.remove(within(path));
}

void FolderOfTarget::sync() {
    inner_.sync();
}

}  // namespace coffer
