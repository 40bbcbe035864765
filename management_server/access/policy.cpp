#include "management_server/access/policy.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/paths.h"
#include "core/base/printable.h"

namespace coffer {

namespace {

constexpr std::size_t mostParts = 16;
constexpr std::size_t longestPart = 64;

constexpr std::array<std::string_view, rightCount> rightNames = {
    "look",          "read-files",      "run",           "restore",       "mark",
    "change-files",  "manage-tasks",    "manage-agents", "remove-agents", "manage-repositories",
    "manage-access", "manage-settings", "forget",        "prune",         "read-audit"};

constexpr std::array<std::string_view, roleCount> roleNames = {
    "viewer", "operator", "administrator", "deleter", "auditor"};

constexpr std::array viewing = {Right::look};
constexpr std::array operatorsRights = {Right::look, Right::readFiles, Right::run, Right::restore,
                                        Right::mark};
constexpr std::array administering = {Right::look,
                                      Right::readFiles,
                                      Right::run,
                                      Right::restore,
                                      Right::mark,
                                      Right::changeFiles,
                                      Right::manageTasks,
                                      Right::manageAgents,
                                      Right::removeAgents,
                                      Right::manageAccess,
                                      Right::manageRepositories,
                                      Right::manageSettings};
constexpr std::array deleting = {Right::look, Right::mark, Right::forget, Right::prune};
constexpr std::array auditing = {Right::readAudit};

std::span<const Right> rightsOf(UserRole role) {
    switch (role) {
        case UserRole::viewer:
            return viewing;
        case UserRole::operating:
            return operatorsRights;
        case UserRole::administrator:
            return administering;
        case UserRole::deleter:
            return deleting;
        case UserRole::auditor:
            return auditing;
    }
    return {};
}

bool covers(const Grant& grant, const Scope& scope) {
    if (scope.anywhere) return true;
    if (!isWithinComponent(scope.component, grant.component)) return false;
    if (grant.agents.empty()) return true;
    return scope.agent &&
           std::find(grant.agents.begin(), grant.agents.end(), *scope.agent) != grant.agents.end();
}

}  // namespace

std::string_view nameOf(Right right) {
    return rightNames.at(static_cast<std::size_t>(right));
}

std::string_view nameOf(UserRole role) {
    return roleNames.at(static_cast<std::size_t>(role));
}

UserRole userRoleOf(std::string_view name) {
    for (std::size_t i = 0; i < roleCount; ++i) {
        if (roleNames.at(i) == name) return static_cast<UserRole>(i);
    }
    throw Error(ErrorCode::invalidArgument,
                "there is no role '" + printable(name.substr(0, 40)) +
                    "': viewer, operator, administrator, deleter, auditor");
}

bool has(UserRole role, Right right) {
    const std::span<const Right> rights = rightsOf(role);
    return std::find(rights.begin(), rights.end(), right) != rights.end();
}

bool allowed(std::span<const Grant> grants, Right right, const Scope& scope) {
    return std::any_of(grants.begin(), grants.end(), [&](const Grant& grant) {
        return has(grant.role, right) && covers(grant, scope);
    });
}

// Small letters alone, as tasks have them: a grant for anything else would never hold.
void checkComponent(const std::string& path) {
    if (path.empty()) return;
    const auto isLarge = [](char c) { return c >= 'A' && c <= 'Z'; };
    std::size_t parts = 0;
    for (std::size_t at = 0; at <= path.size(); ++parts) {
        const std::size_t end = std::min(path.find('/', at), path.size());
        const std::string part = path.substr(at, end - at);
        if (part.empty() || part.size() > longestPart || part == "." || part == ".." ||
            printable(part) != part || std::ranges::any_of(part, isLarge) || parts == mostParts) {
            throw Error(ErrorCode::invalidArgument,
                        "'" + printable(path.substr(0, 100)) +
                            "' is no component path: write small letters with '/' between the "
                            "parts, as in north/mail");
        }
        at = end + 1;
    }
}

bool isWithinComponent(std::string_view path, std::string_view upper) {
    return upper.empty() || isWithin(path, upper);
}

const std::vector<Grant>& allRoles() {
    static const std::vector<Grant> all = {{UserRole::viewer},
                                           {UserRole::operating},
                                           {UserRole::administrator},
                                           {UserRole::deleter},
                                           {UserRole::auditor}};
    return all;
}

std::vector<Grant> everyRole(const std::string&) {
    return allRoles();
}

}  // namespace coffer
