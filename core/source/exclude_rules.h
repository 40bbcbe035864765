#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/source/glob_part.h"

namespace coffer {

/// Which entries of a source are named, by patterns in the language of `git help ignore`, with the
/// root of the source in the place of the work tree. They say what is left out, or what is chosen:
///
///     *.o              of that name in any folder
///     /var/tmp         that entry alone; so is `var/tmp`, for it has an inner slash
///     cache/           folders of that name alone
///     /srv/**/build    at any depth below /srv; `/srv/**` all that is in /srv
///     !keep.o          takes back what an earlier pattern excluded
///
/// The last pattern that matches decides. Reading is safe to share once all patterns are added.
class ExcludeRules {
  public:
    /// Adds one pattern. Comments and trailing spaces belong to files of patterns: here `#` and a
    /// space are ordinary. Throws Error(invalidArgument) when the pattern is empty, has an empty
    /// part or an unclosed bracket, or ends with a backslash.
    void add(std::string_view pattern);

    /// Whether the patterns name this very entry. Whoever walks a tree does not enter an excluded
    /// folder, so what is in it is left out without being asked for.
    bool excludes(std::string_view absolutePath, bool isFolder) const {
        return names(absolutePath, isFolder).value_or(false);
    }

    /// What the last pattern that matches says of this very entry: true, or false when it takes
    /// back; nothing when none matches.
    std::optional<bool> names(std::string_view absolutePath, bool isFolder) const;

    /// Whether a pattern could name something below this folder.
    bool mayNameBelow(std::string_view absolutePath) const;

    bool empty() const { return rules_.empty(); }

    /// Whether all there is takes back, so that nothing is ever named.
    bool takesBackAlone() const;

  private:
    /// A path part of a pattern; nothing stands for `**`, any number of folders.
    using Part = std::optional<GlobPart>;
    using PathParts = std::vector<std::string_view>;

    struct Rule {
        bool takesBack = false;
        bool foldersOnly = false;
        std::vector<Part> parts;
        std::size_t afterLastAny = 0;  // index of the part behind the last `**`
    };

    static bool matches(const Rule& rule, const PathParts& path);
    static bool leadsBelow(const Rule& rule, const PathParts& path);

    std::vector<Rule> rules_;
};

/// A pattern that names what is at this absolute path, folder or not, and nothing else.
std::string patternOfPath(std::string_view path);

}  // namespace coffer
