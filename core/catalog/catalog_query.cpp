#include "core/catalog/catalog_query.h"

#include <algorithm>
#include <array>

#include "core/base/error.h"
#include "core/base/paths.h"

namespace coffer {

namespace {

// Between two looks at the clock: a comparison takes the longer, the longer the path.
constexpr unsigned looksAtOnce = 256;
constexpr std::size_t octetsAtOnce = 16'384;

void lower(std::string& text) {
    for (char& letter : text) {
        if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
    }
}

std::string lowered(std::string text) {
    lower(text);
    return text;
}

/// The beginning of a pattern that stands for itself.
struct Literal {
    std::string text;
    std::size_t end = 0;  // where the pattern goes on, with a wildcard or a backslash alone
    bool all = false;     // the pattern is nothing else
};

Literal literalOf(std::string_view pattern) {
    Literal literal;
    for (std::size_t& i = literal.end; i < pattern.size(); ++i) {
        if (pattern[i] == '*' || pattern[i] == '?' || pattern[i] == '[') return literal;
        if (pattern[i] == '\\' && ++i == pattern.size()) return literal;
        literal.text += pattern[i];
    }
    literal.all = true;
    return literal;
}

// The longest run that stands for itself, of those before any set.
std::string longestLiteralOf(std::string_view pattern) {
    std::string longest;
    for (;;) {
        Literal literal = literalOf(pattern);
        const std::size_t end = literal.end;
        if (literal.text.size() > longest.size()) longest = std::move(literal.text);
        if (end >= pattern.size() || pattern[end] == '[') return longest;
        pattern.remove_prefix(end + 1);
    }
}

// The first text behind all that begin so; empty when there is none.
std::string behind(std::string prefix) {
    while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xff) prefix.pop_back();
    if (!prefix.empty()) {
        prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
    }
    return prefix;
}

std::string_view lastPartOf(std::string_view pattern) {
    if (pattern.ends_with('/')) pattern.remove_suffix(1);
    return pattern.substr(pattern.rfind('/') + 1);  // npos + 1 is 0
}

EntryType typeOf(std::int64_t number) {
    if (number < static_cast<std::int64_t>(EntryType::file) ||
        number > static_cast<std::int64_t>(EntryType::blockDevice)) {
        throw Error(ErrorCode::corrupt, "the catalogue has an unknown type of entry");
    }
    return static_cast<EntryType>(number);
}

std::span<const CatalogHolder> between(const std::vector<CatalogHolder>& holders,
                                       std::int64_t first, std::int64_t last) {
    const auto begin = std::ranges::lower_bound(holders, first, {}, &CatalogHolder::number);
    const auto end = last == 0 ? holders.end()
                               : std::ranges::upper_bound(begin, holders.end(), last, {},
                                                          &CatalogHolder::number);
    return {begin, std::max(begin, end)};
}

}  // namespace

CatalogSearch::CatalogSearch(CatalogQuery query, CatalogView view)
    : query_(std::move(query)), view_(std::move(view)) {
    if (query_.pattern.starts_with('!')) {
        throw Error(ErrorCode::invalidArgument, "a pattern that takes back finds nothing");
    }
    const std::string pattern = query_.ignoreCase ? lowered(query_.pattern) : query_.pattern;
    rules_.add(pattern);
    const std::string_view last = lastPartOf(pattern);
    if (last != "**") {
        name_.emplace(last);
        inEachName_ = longestLiteralOf(last);
    }
    if (query_.ignoreCase || !name_) return;
    const Literal whole = literalOf(pattern);
    if (whole.all && pattern.starts_with('/')) {
        wholePath_ =
            whole.text.ends_with('/') ? whole.text.substr(0, whole.text.size() - 1) : whole.text;
    }
    const Literal literal = literalOf(last);
    names_ = {literal.text, literal.all ? literal.text + '\0' : behind(literal.text)};
}

/// One page's work.
class CatalogSearch::Look {
  public:
    Look(CatalogSearch& search, CatalogFile& file, std::size_t atMost,
         std::chrono::steady_clock::time_point until)
        : search_(search),
          atMost_(atMost),
          until_(until),
          paths_(file.database()),
          names_(file.database().prepare(namesQuery(search.names_.end.empty()))),
          places_(file.database().prepare(
              "SELECT id, parent FROM paths WHERE name = ? AND id > ? ORDER BY id")),
          versions_(file.database().prepare(
              "SELECT source, first, last, type, size, seconds, nanoseconds FROM versions "
              "WHERE path = ? ORDER BY source, first")) {}

    Page run() {
        if (search_.wholePath_) {
            lookAt(*search_.wholePath_);
        } else {
            page_.more = !throughNames();
        }
        return std::move(page_);
    }

  private:
    static std::string namesQuery(bool open) {
        return std::string("SELECT id, name FROM names WHERE name >= ?") +
               (open ? "" : " AND name < ?") + " ORDER BY name";
    }

    void lookAt(const std::string& path) {
        const auto id = paths_.find(path);
        if (id && *id != PathTable::root) addVersions(*id, path);
    }

    // False when there is more to be looked at.
    bool throughNames() {
        Position& at = search_.position_;
        const std::string from = std::max(at.name, search_.names_.first);
        names_.bind(1, bytesOf(from.empty() ? std::string_view("\x01", 1) : from));
        if (!search_.names_.end.empty()) names_.bind(2, bytesOf(search_.names_.end));
        while (names_.step()) {
            const std::string_view name = textOf(names_.blob(1));
            const bool over = isOver();
            if (!over && !matches(name)) continue;
            if (name != at.name) at = {std::string(name), 0};
            if (over || !throughPlaces(names_.integer(0))) return false;
        }
        return true;
    }

    bool throughPlaces(std::int64_t name) {
        Position& at = search_.position_;
        places_.bind(1, name).bind(2, at.path);
        bool done = true;
        while (places_.step()) {
            if (isOver()) {
                done = false;
                break;
            }
            at.path = places_.integer(0);
            if (const auto path = paths_.pathOf(places_.integer(1), at.name)) {
                addVersions(at.path, *path);
            }
        }
        places_.reset();
        return done;
    }

    // Of a million names: nothing is allocated, and few are compared with the pattern.
    bool matches(std::string_view name) {
        if (!search_.name_) return true;
        if (search_.query_.ignoreCase) {
            lowered_ = name;
            lower(lowered_);
            name = lowered_;
        }
        if (name.find(search_.inEachName_) == name.npos) return false;
        return search_.name_->matches(name);
    }

    bool isOver() {
        if (page_.hits.size() >= atMost_) return true;
        if (++looks_ < looksAtOnce && compared_ < octetsAtOnce) return false;
        looks_ = 0;
        compared_ = 0;
        return std::chrono::steady_clock::now() >= until_;
    }

    void addVersions(std::int64_t id, const std::string& path) {
        const CatalogQuery& query = search_.query_;
        if (query.below != "/" && !path.starts_with(query.below + "/")) return;
        const std::string compared = query.ignoreCase ? lowered(path) : path;
        compared_ += compared.size();
        std::array<std::optional<bool>, 2> found;  // as a folder or not: once, not for each version
        const auto isMeant = [&](bool isFolder) {
            std::optional<bool>& its = found[isFolder ? 1 : 0];
            if (!its) its = search_.rules_.excludes(compared, isFolder);
            return *its;
        };
        versions_.bind(1, id);
        while (versions_.step()) {
            const EntryType type = typeOf(versions_.integer(3));
            if (query.type && type != *query.type) continue;
            if (!isMeant(type == EntryType::folder)) continue;
            const auto source = search_.view_.find(versions_.integer(0));
            if (source == search_.view_.end()) continue;
            const auto holders =
                between(source->second, versions_.integer(1), versions_.integer(2));
            if (holders.empty()) continue;
            page_.hits.push_back(
                {path,
                 {type,
                  static_cast<std::uint64_t>(versions_.integer(4)),
                  {versions_.integer(5), static_cast<std::uint32_t>(versions_.integer(6))}},
                 source->first,
                 holders});
        }
        versions_.reset();
    }

    CatalogSearch& search_;
    const std::size_t atMost_;
    const std::chrono::steady_clock::time_point until_;
    PathTable paths_;
    SqlStatement names_;
    SqlStatement places_;
    SqlStatement versions_;
    Page page_;
    unsigned looks_ = 0;
    std::size_t compared_ = 0;  // octets
    std::string lowered_;       // the name that is looked at
};

CatalogSearch::Page CatalogSearch::next(CatalogFile& file, std::size_t atMost,
                                        std::chrono::steady_clock::time_point until) {
    if (ended_) return {};
    Page page = Look(*this, file, atMost, until).run();
    ended_ = !page.more;
    return page;
}

}  // namespace coffer
