#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bench/floor/stages.h"
#include "core/source/file_system_source.h"

namespace coffer {

/// Walks a tree folder by folder and shows each file with its path below the tree; listing and
/// asking for attributes is the stage "walk". `folder` is told of each folder below the tree.
inline void forEachFile(
    const std::string& tree, Stages& stages,
    const std::function<void(Folder& in, const std::string& path, const Stat& file)>& each,
    const std::function<void(const std::string& path)>& folder = [](const std::string&) {}) {
    FileSystemSource source;
    std::vector<std::string> waiting{""};
    while (!waiting.empty()) {
        const std::string path = waiting.back();
        waiting.pop_back();
        std::vector<Stat> entries;
        const auto opened = stages.in("walk", [&] {
            auto found = source.openFolder(path.empty() ? tree : tree + "/" + path);
            std::vector<std::string> names;
            found->list([&](std::string_view name) { names.emplace_back(name); });
            for (const std::string& name : names) {
                if (const auto stat = found->stat(name)) entries.push_back(*stat);
            }
            return found;
        });
        for (const Stat& entry : entries) {
            const std::string below = path.empty() ? entry.name : path + "/" + entry.name;
            if (entry.type == EntryType::file) each(*opened, below, entry);
            if (entry.type != EntryType::folder) continue;
            folder(below);
            waiting.push_back(below);
        }
    }
}

}  // namespace coffer
