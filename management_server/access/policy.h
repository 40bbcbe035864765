#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace coffer {

// Who may do what, as a pure table: a user has grants, a grant is a role within a part of the
// network, a role is a set of rights (docs/access.md).

/// What an operation asks for.
enum class Right {
    look,                // agents, runs, snapshots with the names in them, repositories, events
    readFiles,           // contents, of agents and of snapshots
    run,                 // backups, verifications, rehearsals; cancel and resume
    restore,             // of the snapshot's agent, and to the agent that gets the files
    mark,                // tag and lock snapshots, bring forgotten ones back
    changeFiles,         // of agents, by hand
    manageTasks,         // make, change and remove them
    manageAgents,        // enrol, suspend, label
    removeAgents,        // for good
    manageRepositories,  // make, adopt, recovery kits
    manageAccess,        // users, groups, grants, everybody's tokens
    manageSettings,      // of the server
    forget,              // snapshots, by hand; confirm what another deleter asks for
    prune,               // free what no snapshot needs
    readAudit            // the audit log
};
inline constexpr std::size_t rightCount = static_cast<std::size_t>(Right::readAudit) + 1;

enum class UserRole { viewer, operating, administrator, deleter, auditor };
inline constexpr std::size_t roleCount = static_cast<std::size_t>(UserRole::auditor) + 1;

/// Stable words: "read-files", "operator".
std::string_view nameOf(Right right);
std::string_view nameOf(UserRole role);

/// Throws Error(invalidArgument).
UserRole userRoleOf(std::string_view name);

/// Whether a role has a right.
bool has(UserRole role, Right right);

/// A role within a part of the network.
struct Grant {
    UserRole role = UserRole::viewer;
    std::string component{};            // "a/b" stands for itself and all below; empty: everything
    std::vector<std::string> agents{};  // by name; none: all, and the server itself

    bool operator==(const Grant&) const = default;
};

/// What an operation is about. A grant that is bound to a component covers only what names one
/// within it; one that is bound to agents only what names one of them.
struct Scope {
    std::string component{};             // empty: what is in none
    std::optional<std::string> agent{};  // nothing: the server, or all agents
    bool anywhere = false;               // some part will do: who asks so looks at each part again

    static Scope of(std::string agent) { return {{}, std::move(agent), false}; }
    static Scope some() { return {{}, {}, true}; }
};

bool allowed(std::span<const Grant> grants, Right right, const Scope& scope);

/// Throws Error(invalidArgument) unless it is a component path: empty, or up to 16 parts with '/'
/// between them, each of 1 to 64 printable characters, none of them a large letter.
void checkComponent(const std::string& path);

/// Whether a component is `upper` or lies below it; all lie below the empty one.
bool isWithinComponent(std::string_view path, std::string_view upper);

/// Every role, everywhere: what the first administrator has.
const std::vector<Grant>& allRoles();

/// The same, for who is alone: everybody may do everything.
std::vector<Grant> everyRole(const std::string& user);

}  // namespace coffer
