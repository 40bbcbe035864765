#include "core/catalog/path_table.h"

#include <vector>

#include "core/base/error.h"

namespace coffer {

namespace {

constexpr std::size_t mostKept = std::size_t{8} << 20;

std::string join(const std::string& folder, std::string_view name) {
    std::string path = folder;
    if (path.empty() || path.back() != '/') path += '/';
    return path.append(name);
}

}  // namespace

PathTable::PathTable(SqlDatabase& database)
    : database_(database),
      findName_(database.prepare("SELECT id FROM names WHERE name = ?")),
      addName_(database.prepare("INSERT INTO names(name) VALUES(?)")),
      findPath_(database.prepare("SELECT id FROM paths WHERE parent = ? AND name = ?")),
      addPath_(database.prepare("INSERT INTO paths(parent, name) VALUES(?, ?)")),
      added_(database.prepare("SELECT last_insert_rowid()")),
      parent_(database.prepare("SELECT p.parent, n.name FROM paths p JOIN names n ON n.id = p.name "
                               "WHERE p.id = ?")) {}

PathTable::Made PathTable::make(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) throw Error(ErrorCode::invalidArgument, "no absolute path");
    const std::string folder = path.substr(0, slash);
    std::int64_t parent = root;
    if (const auto known = folders_.find(folder); known != folders_.end()) {
        parent = known->second;
    } else if (!folder.empty()) {
        parent = descend(folder, [this](std::int64_t in, std::string_view name) {
                     return std::optional(makeChild(in, name).number);
                 }).value();
        keep(folder.size());
        folders_.emplace(folder, parent);
    }
    const std::string_view name = std::string_view(path).substr(slash + 1);
    return name.empty() ? Made{parent} : makeChild(parent, name);
}

std::optional<std::int64_t> PathTable::find(std::string_view path) {
    return descend(path,
                   [this](std::int64_t in, std::string_view name) { return child(in, name); });
}

template <class Step>
std::optional<std::int64_t> PathTable::descend(std::string_view path, Step step) {
    std::int64_t at = root;
    while (!path.empty()) {
        path.remove_prefix(1);  // the slash
        const std::string_view name = path.substr(0, path.find('/'));
        path.remove_prefix(name.size());
        if (name.empty()) continue;
        const std::optional<std::int64_t> next = step(at, name);
        if (!next) return {};
        at = *next;
    }
    return at;
}

std::optional<std::int64_t> PathTable::nameOf(std::string_view name) {
    std::optional<std::int64_t> id;
    if (findName_.bind(1, bytesOf(name)).step()) id = findName_.integer(0);
    findName_.reset();
    return id;
}

std::optional<std::int64_t> PathTable::child(std::int64_t folder, std::string_view name) {
    const auto named = nameOf(name);
    if (!named) return {};
    std::optional<std::int64_t> id;
    if (findPath_.bind(1, folder).bind(2, *named).step()) id = findPath_.integer(0);
    findPath_.reset();
    return id;
}

PathTable::Made PathTable::makeChild(std::int64_t folder, std::string_view name) {
    std::optional<std::int64_t> named = nameOf(name);
    if (!named) {
        addName_.bind(1, bytesOf(name)).run();
        named = addedNumber();
    } else {
        std::optional<std::int64_t> known;
        if (findPath_.bind(1, folder).bind(2, *named).step()) known = findPath_.integer(0);
        findPath_.reset();
        if (known) return {*known};
    }
    addPath_.bind(1, folder).bind(2, *named).run();
    return {addedNumber(), true};
}

// Of the row that was just added. A statement that returns it keeps a table for that.
std::int64_t PathTable::addedNumber() {
    added_.step();
    const std::int64_t number = added_.integer(0);
    added_.reset();
    return number;
}

std::optional<std::string> PathTable::pathOf(std::int64_t folder, std::string_view name) {
    const std::string* text = folderText(folder);
    if (!text) return {};
    return join(*text, name);
}

// From the folder up to one that is known, then down again. Every number is greater than the one
// above it, so a damaged table cannot lead around in a circle.
const std::string* PathTable::folderText(std::int64_t folder) {
    std::vector<std::pair<std::int64_t, std::string>> below;
    std::string text = "/";
    std::size_t octets = 0;
    for (std::int64_t at = folder; at != root;) {
        if (const auto known = texts_.find(at); known != texts_.end()) {
            text = known->second;
            break;
        }
        if (!parent_.bind(1, at).step()) {
            parent_.reset();
            return nullptr;
        }
        const std::int64_t above = parent_.integer(0);
        below.emplace_back(at, textOf(parent_.blob(1)));
        parent_.reset();
        octets += below.back().second.size();
        if (above >= at || octets > longestPath) return nullptr;
        at = above;
    }
    for (auto part = below.rbegin(); part != below.rend(); ++part) text = join(text, part->second);
    keep(text.size());
    return &texts_.insert_or_assign(folder, std::move(text)).first->second;
}

void PathTable::keep(std::size_t octets) {
    constexpr std::size_t overhead = 100;
    kept_ += octets + overhead;
    if (kept_ <= mostKept) return;
    folders_.clear();
    texts_.clear();
    kept_ = octets + overhead;
}

}  // namespace coffer
