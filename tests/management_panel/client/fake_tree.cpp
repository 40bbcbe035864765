#include "tests/management_panel/client/fake_tree.h"

#include "core/base/error.h"
#include "core/rpc/convert.h"

namespace coffer::fake {

namespace {

template <class Items>
auto& found(Items& items, const std::string& path) {
    const auto at = items.find(path);
    if (at == items.end()) throw Error(ErrorCode::notFound, path + ": is not there");
    return at->second;
}

std::string below(const std::string& path) {
    return path == "/" ? path : path + "/";
}

bool isBelow(const std::string& path, const std::string& folder) {
    return path.starts_with(below(folder)) && path != folder;
}

Coffer::Entry entryOf(const std::string& path, const Tree::Item& item) {
    Coffer::Entry entry;
    entry.name = rpc::toPath(path.substr(path.rfind('/') + 1));
    entry.kind = item.kind.c_str();
    entry.size = item.kind == "file" ? static_cast<Coffer::ByteCount>(item.content.size())
                                     : Coffer::unknownSize;
    entry.modified = rpc::toMoment({1'700'000'000, 5});
    entry.mode = item.kind == "folder" ? 0755 : 0644;
    entry.more = rpc::toSettings({{"uid", "1000"}, {"owner", "ann"}, {"gid", "100"}});
    return entry;
}

}  // namespace

Tree::Tree() {
    addFolder("/");
}

void Tree::add(const std::string& path, const Item& item) {
    items_.with([&](Items& items) { items[path] = item; });
}

std::string Tree::at(const std::string& path) const {
    return items_.with([&](const Items& items) -> std::string {
        const auto at = items.find(path);
        if (at == items.end()) return "(nothing)";
        return at->second.kind == "file" ? at->second.content : "(" + at->second.kind + ")";
    });
}

Tree::Item Tree::get(const std::string& path) const {
    return items_.with([&](const Items& items) { return found(items, path); });
}

Coffer::Entry Tree::entry(const std::string& path) const {
    return entryOf(path, get(path));
}

std::vector<Coffer::Entry> Tree::list(const std::string& path) const {
    return items_.with([&](const Items& items) {
        std::vector<Coffer::Entry> entries;
        found(items, path);
        for (const auto& [name, item] : items) {
            const bool inside = isBelow(name, path);
            if (inside && name.find('/', below(path).size()) == std::string::npos) {
                entries.push_back(entryOf(name, item));
            }
        }
        return entries;
    });
}

void Tree::create(const std::string& path, const Item& item) {
    items_.with([&](Items& items) {
        if (!items.emplace(path, item).second) {
            throw Error(ErrorCode::alreadyExists, path + ": is there already");
        }
    });
}

void Tree::change(const std::string& path, const std::function<void(Item&)>& work) {
    items_.with([&](Items& items) { work(found(items, path)); });
}

void Tree::erase(const std::string& path, bool recursive) {
    items_.with([&](Items& items) {
        found(items, path);
        const auto inside = [&](const auto& item) { return isBelow(item.first, path); };
        if (!recursive && std::any_of(items.begin(), items.end(), inside)) {
            throw Error(ErrorCode::conflict, path + ": is not empty");
        }
        std::erase_if(items, inside);
        items.erase(path);
    });
}

void Tree::move(const std::string& path, const std::string& target, bool keep) {
    items_.with([&](Items& items) {
        const Item item = found(items, path);
        if (items.contains(target)) {
            throw Error(ErrorCode::alreadyExists, target + ": is there already");
        }
        items[target] = item;
        if (!keep) items.erase(path);
    });
}

}  // namespace coffer::fake
